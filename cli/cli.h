/* cli: the command line. Uses include/gradus.h and nothing else of the library.
 *
 *   argv --args.c--> struct args --command's function--> query --library--> answer --output.c--> standard output
 *
 * Results go to standard output, messages to standard error. Exit codes: EXIT_ below. A failed write is an error.
 * Start at main.c (the table of commands), option.def (every option).                                            */
#ifndef CLI_H
#define CLI_H

#include "gradus.h"

enum { EXIT_DONE = 0, EXIT_NO = 1, EXIT_USAGE = 2, EXIT_RESOURCE = 3, EXIT_UNDECIDED = 4 };

enum command_bit {
    CB_DIFF = 1 << 0,    /* diff                                     */
    CB_CALC = 1 << 1,    /* whatever has a derivation                */
    CB_ASK = 1 << 2,     /* whatever reads a formula into a question */
    CB_CHECK = 1 << 3,
    CB_PLOT = 1 << 4,
    CB_DESCEND = 1 << 5,
    CB_FIT = 1 << 6,
    CB_SLOPE = 1 << 7,
    CB_ANY = 0xffff
};

typedef enum option_id {
#define OPT(id, name, arg, commands, help) O_##id,
#include "option.def"
#undef OPT
    O_COUNT
} option_id;

typedef struct option_row {
    const char *name, *argument;
    unsigned commands;
    const char *help;
} option_row;
extern const option_row option_rows[O_COUNT];

typedef struct command_row {
    const char *name, *arguments;
    unsigned bits;
    int operation;       /* gradus_op of commands that are one question; -1 */
    const char *about;
    const char *example; /* one that works as it stands */
} command_row;
extern const command_row command_rows[];
extern const int command_count;

/* What was typed. Strings are argv's own. */
typedef struct args {
    const command_row *command;
    const char **operand;
    int operand_count;
    const char **value[O_COUNT]; /* values given to the option, in order; flags and bare --steps: "" */
    int count[O_COUNT];
    int exit; /* EXIT_USAGE when something was wrong (already said); else EXIT_DONE */
} args;

/* Fills a; complains on standard error. args_clear in any case. */
void args_parse(args *a, const command_row *command, int argc, char **argv);
void args_clear(args *a);
/* The last value of an option, or NULL. */
const char *args_get(const args *a, option_id o);
/* A whole number or a positive real; complain and set a->exit when the text is neither. */
long args_long(args *a, option_id o, long lowest, long highest, long otherwise);
double args_real(args *a, option_id o, double otherwise);
double args_positive(args *a, option_id o, double otherwise);
/* Position in the NULL-ended list of words; complains when it is none of them. */
int args_choice(args *a, option_id o, const char *const *words, int otherwise);

/* "a,b[i,j],c" split at commas outside brackets. Allocated with malloc: list_free. */
typedef struct list {
    char **at;
    int count;
} list;
list list_split(const char *text);
void list_free(list *l);
/* "x=1,y=2": names and values as typed; NULL-safe. false: complained. values are borrowed from l. */
typedef struct bindings {
    list parts;
    gradus_value *at;
    int count;
} bindings;
bool bindings_parse(bindings *b, const char *option, const char *text);
void bindings_free(bindings *b);

/* A context with the limits, definitions and arrays of the options; NULL: complained, *code is the exit code. */
gradus_ctx *session_new(args *a, int *code);

/* Prints; remembers a failed write. */
void out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Flushes; EXIT_RESOURCE (with a message) if anything could not be written, else code. */
int out_close(int code);
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Error page to standard error; notes too. Returns the exit code of the answer's status. */
int report(const gradus_answer *a);

/* v as the shortest decimal that reads back equal, or with so many digits (0: shortest); "-" for NaN. */
enum { NUMBER_SIZE = 40 };
const char *number_text(char text[NUMBER_SIZE], double v, int digits);
/* The formula: the operand, or standard input for "-". Allocated with malloc; NULL: complained, a->exit is set. */
char *formula_operand(args *a);

/* Commands. */
int command_ask(args *a);
int command_batch(args *a);
int command_plot(args *a);
int command_descend(args *a);
int command_fit(args *a);
int command_slope(args *a);

/* Draws the steps of a descent (its whole trace) over its function into the file. Exit code. */
int plot_descent(args *a, gradus_ctx *ctx, const gradus_descend_query *d, gradus_answer *ans, const char *file);

void help_overview(void);
void help_command(const command_row *c);

#endif
