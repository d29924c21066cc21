/* Executes an undefined instruction. */
#include "platform.h"

int driver_main(void)
{
    platform_print("before\n");
    __builtin_trap();
    return 0;
}
