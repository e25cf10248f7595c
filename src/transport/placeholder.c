/* replaced by the layer's first file */ typedef int transport_placeholder;
