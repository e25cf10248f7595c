/* replaced by the layer's first file */ typedef int nsp_placeholder;
