/* replaced by the layer's first file */ typedef int afd_placeholder;
