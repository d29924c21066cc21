/*
 * selftest_main.c - runs a network's generated self-test on a target, its text going wherever the platform's does.
 *
 * SELFTEST names the function: -DSELFTEST=blink_selftest.
 */
#include "platform.h"

uint8_t SELFTEST(void);
void selftest_putc(char character);

void selftest_putc(char character)
{
    char text[2];
    text[0] = character;
    text[1] = '\0';
    platform_print(text);
}

int driver_main(void)
{
    return SELFTEST();
}
