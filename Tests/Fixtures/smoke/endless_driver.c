/* Never ends. */
#include "platform.h"

int driver_main(void)
{
    for (;;) {
        platform_print(".");
    }
}
