/* output: what leaves the program, and whether it got there. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void out(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

int out_close(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "gradus: standard output could not be written: %s\n", strerror(errno));
    return EXIT_RESOURCE;
}

void complain(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("gradus: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

int report(const gradus_answer *a)
{
    fputs(gradus_answer_error(a), stderr);
    for (size_t i = 0; gradus_answer_note(a, i); i++)
        fprintf(stderr, "note: %s\n", gradus_answer_note(a, i));
    return gradus_status_exit_code(gradus_answer_status(a));
}

const char *number_text(char text[NUMBER_SIZE], double v, int digits)
{
    if (v != v)
        return "-";
    for (int p = digits ? digits : 15; p <= (digits ? digits : 17); p++) {
        snprintf(text, NUMBER_SIZE, "%.*g", p, v);
        if (strtod(text, NULL) == v)
            break;
    }
    return text;
}
