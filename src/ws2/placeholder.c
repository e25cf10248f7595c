/* replaced by the layer's first file */ typedef int ws2_placeholder;
