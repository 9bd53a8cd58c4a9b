/* Prints docs/FUNCTIONS.md from func.def: the reference of all functions. Started by tools/gen-functions. Only the
 * strings of the rows are read, so nothing of the library is linked. */
#include "func/func.h"

#include <stdio.h>

static const fn_row rows[FN_COUNT] = {
#define FUNC(id, ...) [FN_##id] = {__VA_ARGS__},
#include "func/func.def"
#undef FUNC
};

/* The row with which a section of the page begins. */
static const struct {
    fn_id first;
    const char *title;
} sections[] = {
    {FN_exp, "Exponentials and logarithms"},
    {FN_abs, "Kinks, steps and roots"},
    {FN_sin, "Trigonometric functions and their inverses"},
    {FN_sinh, "Hyperbolic functions and their inverses"},
    {FN_erf, "Error function and its kin"},
    {FN_Si, "Exponential and trigonometric integrals"},
    {FN_gamma, "Gamma and zeta"},
    {FN_besselj, "Bessel, Airy, elliptic, Lambert"},
    {FN_sigmoid, "Activations"},
};

static const char *const letters = "uvw";

static void print_call(const fn_row *r)
{
    printf("`%s(", r->name);
    for (int k = 0; k < r->arity; k++)
        printf("%s%c", k ? ", " : "", letters[k]);
    printf("%s)`", r->flags & FN_VARIADIC ? ", ..." : "");
}

/* Prose, with the characters escaped that Markdown would take for its own. */
static void print_prose(const char *s)
{
    for (; *s; s++) {
        if (*s == '*' || *s == '|' || *s == '_')
            putchar('\\');
        putchar(*s);
    }
}

static void print_aliases(const fn_row *r)
{
    for (const char *s = r->aliases ? r->aliases : ""; *s; s++)
        printf(*s == ' ' ? ", " : "%c", *s);
}

static void print_derivative(const fn_row *r)
{
    for (int k = 0; k < r->arity; k++) {
        if (r->dkind[k] == FN_D_SPECIAL && k > 0)
            continue;
        if (k > 0)
            fputs("; ", stdout);
        if (r->arity > 1 && r->dkind[k] != FN_D_SPECIAL)
            printf("by %c: ", letters[k]);
        switch (r->dkind[k]) {
        case FN_D_FORMULA: printf("`%s`", r->d[k]); break;
        case FN_D_ZERO: fputs("`0`", stdout); break;
        case FN_D_NONE: fputs("none known", stdout); break;
        case FN_D_SPECIAL: fputs("that of the argument taken", stdout); break;
        }
    }
}

static void print_condition(const char *s, const char *otherwise)
{
    if (s && *s)
        printf("`%s`", s);
    else
        fputs(otherwise, stdout);
}

static void print_row(const fn_row *r)
{
    fputs("| ", stdout);
    print_call(r);
    fputs(" | ", stdout);
    print_aliases(r);
    fputs(" | ", stdout);
    print_prose(r->about);
    fputs(" | ", stdout);
    print_derivative(r);
    fputs(" | ", stdout);
    print_condition(r->domain, "all");
    fputs(" | ", stdout);
    print_condition(r->range, "");
    printf(" | %s |\n", r->source);
}

/* Conventions of rows first..past-1, under their table. */
static void print_conventions(int first, int past)
{
    bool any = false;
    for (int id = first; id < past; id++) {
        const fn_row *r = &rows[id];
        if (!r->kinks && !r->ddomain)
            continue;
        if (!any)
            putchar('\n');
        any = true;
        printf("- `%s`: ", r->name);
        if (r->kinks)
            print_prose(r->kink_text), putchar('.');
        else
            printf("the derivative holds where `%s`.", r->ddomain);
        putchar('\n');
    }
}

int main(void)
{
    const int n = (int)(sizeof sections / sizeof *sections);
    puts("# Functions\n\nMade from `src/func/func.def` by `tools/gen-functions`; change the table, then run it again.\n\n"
         "Each row is all that Gradus knows of a function: the printed name and the other spellings it reads, the\n"
         "derivative as a formula (u, v are the arguments, y is the function's own value), where a value exists, and\n"
         "which values it takes. A function that is not here is refused with the nearest spelling. `sqrt(u)`, `u^v`,\n"
         "`log(u, b)`, `mod(u, b)`, `piecewise` and the reducers belong to the language itself (docs/LANGUAGE.md).");
    for (int s = 0; s < n; s++) {
        int past = s + 1 < n ? (int)sections[s + 1].first : FN_COUNT;
        printf("\n## %s\n\n| function | also | what it is | derivative | defined for | values y | source |\n"
               "| --- | --- | --- | --- | --- | --- | --- |\n",
               sections[s].title);
        for (int id = (int)sections[s].first; id < past; id++)
            print_row(&rows[id]);
        print_conventions((int)sections[s].first, past);
    }
    return 0;
}
