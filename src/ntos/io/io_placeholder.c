typedef int io_placeholder;
