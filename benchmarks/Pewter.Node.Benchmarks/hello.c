// What is launched: the least a static program can do and still print.
#include <unistd.h>
int main(void) { return write(1, "hello\n", 6) != 6; }
