typedef int ke_placeholder;
