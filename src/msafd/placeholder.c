/* replaced by the layer's first file */ typedef int msafd_placeholder;
