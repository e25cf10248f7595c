typedef int ex_placeholder;
