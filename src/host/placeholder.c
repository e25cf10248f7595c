/* replaced by the layer's first file */ typedef int host_placeholder;
