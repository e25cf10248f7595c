typedef int rtl_placeholder;
