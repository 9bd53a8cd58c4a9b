/* ref-eval EXPR [x=1 y=2 ...]: the value, and the slope by each name with an estimate of its error. */
#include "ref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    char error[REF_ERROR];
    ref_point at[64];
    size_t n = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: ref-eval EXPR [NAME=VALUE ...]\n");
        return 2;
    }
    for (int i = 2; i < argc && n < 64; i++) {
        char *equal = strchr(argv[i], '=');
        if (!equal) {
            fprintf(stderr, "ref-eval: %s: expected NAME=VALUE\n", argv[i]);
            return 2;
        }
        *equal = '\0';
        at[n++] = (ref_point){argv[i], strtold(equal + 1, NULL)};
    }
    ref_node *f = ref_read(argv[1], error);
    if (!f) {
        fprintf(stderr, "ref-eval: %s\n", error);
        return 2;
    }
    printf("%.19Lg\n", ref_value(f, at, n));
    for (size_t i = 0; i < n; i++) {
        long double off, slope = ref_slope(f, at, n, i, &off);
        printf("d/d%s %.19Lg (%.1Lg)\n", at[i].name, slope, off);
    }
    ref_free(f);
    return 0;
}
