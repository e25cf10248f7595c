/* replaced by the layer's first file */ typedef int win32_placeholder;
