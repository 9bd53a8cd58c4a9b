/* main: the table of commands, and help made from it. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#define ASKS CB_ASK | CB_CALC

const command_row command_rows[] = {
    {"diff", "EXPR", ASKS | CB_DIFF, GRADUS_OP_DIFF, "derivative, with its reasons (--steps)", "diff '1/(1+e^-x)' --steps"},
    {"slope", "EXPR", CB_ASK | CB_SLOPE, GRADUS_OP_SLOPE, "secants, the limit by definition, proven digits", "slope 'x^2' --at x=1"},
    {"grad", "EXPR", ASKS, GRADUS_OP_GRAD, "gradient and direction of steepest descent", "grad 'x^2+y^2' --at x=1,y=1"},
    {"jacobian", "EXPR", ASKS, GRADUS_OP_JACOBIAN, "all partials of several formulas", "jacobian '(x*y, x+y)' --at x=1,y=2"},
    {"hessian", "EXPR", ASKS, GRADUS_OP_HESSIAN, "second partials", "hessian 'x^2*y' --at x=1,y=2"},
    {"eval", "EXPR", CB_ASK, GRADUS_OP_EVAL, "value at a point, the nearest double or proven digits", "eval 'sin(1)' --digits 30"},
    {"simplify", "EXPR", ASKS, GRADUS_OP_SIMPLIFY, "a shorter equal form and what it assumes", "simplify '(x^2-1)/(x-1)'"},
    {"limit", "EXPR", CB_ASK, GRADUS_OP_LIMIT, "limit", "limit 'lim[x -> 0](sin(x)/x)'"},
    {"check", "ANSWER...", CB_ASK | CB_CHECK, GRADUS_OP_CHECK, "is the answer right? several lines: the first wrong one",
     "check 'cos(x^2)' --of 'd/dx (sin(x^2))'"},
    {"print", "EXPR", CB_ASK, GRADUS_OP_PRINT, "how the formula was read, in any format", "print '1/2x' --format latex"},
    {"functions", "", CB_ASK, GRADUS_OP_FUNCTIONS, "the functions Gradus knows", "functions"},
    {"plot", "EXPR...", CB_PLOT, -1, "curves, tangents, surfaces: a picture as SVG, PDF, PNG or in the terminal",
     "plot 'x^2' --tangent x=1 -o tangent.svg"},
    {"descend", "EXPR", CB_DESCEND, -1, "gradient descent, step by step", "descend 'x^2+y^2' --from x=1,y=1"},
    {"fit", "MODEL", CB_FIT, -1, "least squares: a model's parameters from a CSV file", "fit 'd = d0 + v*t + g/2*t^2' --data examples/run.csv --start d0=0,v=1,g=10"},
    {"batch", "", 1 << 15, -1, "JSON lines in, JSON lines out", "batch"},
};
const int command_count = sizeof command_rows / sizeof command_rows[0];

void help_overview(void)
{
    out("gradus: derivatives with reasons, values with proof, pictures, descent\n\nusage: gradus COMMAND [operands] [options]\n\n");
    for (int i = 0; i < command_count; i++)
        out("  %-10s %s\n", command_rows[i].name, command_rows[i].about);
    out("\n`gradus COMMAND --help` shows a command's options. `gradus --version` prints the version.\n");
    out("Exit codes: 0 done, 1 the answer is no, 2 bad usage or input, 3 a file or resource failed, 4 cannot decide.\n");
}

void help_command(const command_row *c)
{
    out("gradus %s%s%s: %s\n\nexample: gradus %s\n\n", c->name, *c->arguments ? " " : "", c->arguments, c->about, c->example);
    for (int o = 0; o < O_COUNT; o++) {
        const option_row *r = &option_rows[o];
        char left[64];
        if (!(r->commands & c->bits))
            continue;
        snprintf(left, sizeof left, "--%s%s%s", r->name, r->argument ? " " : "", r->argument ? r->argument : "");
        out("  %-26s %s\n", left, r->help);
    }
}

static const command_row *find_command(const char *name)
{
    for (int i = 0; i < command_count; i++)
        if (strcmp(command_rows[i].name, name) == 0)
            return &command_rows[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    complain("unknown command `%s`", name);
    for (int i = 0; i < command_count; i++)
        if (strncmp(command_rows[i].name, name, 2) == 0) {
            complain("did you mean `gradus %s`?", command_rows[i].example);
            return EXIT_USAGE;
        }
    complain("`gradus --help` lists the commands");
    return EXIT_USAGE;
}

static int run(args *a)
{
    if (a->exit)
        return a->exit;
    if (a->count[O_HELP]) {
        help_command(a->command);
        return EXIT_DONE;
    }
    static const struct {
        const char *name;
        int (*run)(args *);
    } special[] = {{"slope", command_slope}, {"batch", command_batch}, {"descend", command_descend}, {"fit", command_fit}, {"plot", command_plot}};
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (strcmp(special[i].name, a->command->name) == 0)
            return special[i].run(a);
    return command_ask(a);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help_overview();
        return out_close(EXIT_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "-h") == 0) {
        const command_row *c = argc > 2 ? find_command(argv[2]) : NULL;
        if (c)
            help_command(c);
        else
            help_overview();
        return out_close(EXIT_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        out("gradus %s\n", gradus_version());
        return out_close(EXIT_DONE);
    }
    const command_row *c = find_command(argv[1]);
    if (!c)
        return unknown_command(argv[1]);
    args a;
    args_parse(&a, c, argc - 2, argv + 2);
    int code = run(&a);
    args_clear(&a);
    return out_close(code);
}
