typedef int ob_placeholder;
