typedef int cm_placeholder;
