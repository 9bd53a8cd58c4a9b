/* args: from argv to what the user asked for, with messages that name the option and the mend. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const option_row option_rows[O_COUNT] = {
#define OPT(id, name, arg, commands, help) [O_##id] = {name, arg, commands, help},
#include "option.def"
#undef OPT
};

static void *must(void *p)
{
    if (!p) {
        fputs("gradus: out of memory\n", stderr);
        exit(EXIT_RESOURCE);
    }
    return p;
}

static int find_option(const char *name, size_t n)
{
    for (int o = 0; o < O_COUNT; o++)
        if (strlen(option_rows[o].name) == n && strncmp(option_rows[o].name, name, n) == 0)
            return o;
    return -1;
}

static void unknown_option(args *a, const char *word)
{
    size_t best = 0;
    int near = -1;
    for (int o = 0; o < O_COUNT; o++) {
        const char *p = option_rows[o].name, *q = word + 2;
        size_t same = 0;
        while (p[same] && p[same] == q[same])
            same++;
        if (same > best && (option_rows[o].commands & a->command->bits)) {
            best = same;
            near = o;
        }
    }
    complain("unknown option %s for `gradus %s`", word, a->command->name);
    if (near >= 0 && best >= 2)
        complain("did you mean --%s?  `gradus %s --help` lists them all", option_rows[near].name, a->command->name);
    else
        complain("`gradus %s --help` lists the options", a->command->name);
    a->exit = EXIT_USAGE;
}

static void add_value(args *a, int o, const char *value)
{
    a->value[o] = must(realloc(a->value[o], (size_t)(a->count[o] + 1) * sizeof *a->value[o]));
    a->value[o][a->count[o]++] = value;
}

/* --steps may stand alone: its argument is optional and only by `=` or one of the level words. */
static bool is_level(const char *s)
{
    return s && (!strcmp(s, "brief") || !strcmp(s, "full") || !strcmp(s, "atomic"));
}

static int parse_option(args *a, int argc, char **argv, int i)
{
    const char *word = argv[i], *eq = strchr(word, '=');
    size_t n = eq ? (size_t)(eq - word - 2) : strlen(word + 2);
    int o = strcmp(word, "-o") == 0 ? find_option("output", 6) : find_option(word + 2, n);
    if (o < 0 || !(option_rows[o].commands & a->command->bits)) {
        unknown_option(a, word);
        return i;
    }
    const option_row *row = &option_rows[o];
    if (!row->argument || row->argument[0] == '[') {
        if (eq && row->argument)
            add_value(a, o, eq + 1);
        else if (eq) {
            complain("--%s takes no value", row->name);
            a->exit = EXIT_USAGE;
        } else if (row->argument && i + 1 < argc && is_level(argv[i + 1]))
            add_value(a, o, argv[++i]);
        else
            add_value(a, o, "");
        return i;
    }
    if (eq && word[1] == '-')
        add_value(a, o, eq + 1);
    else if (i + 1 < argc)
        add_value(a, o, argv[++i]);
    else {
        complain("--%s needs a value: --%s %s", row->name, row->name, row->argument);
        a->exit = EXIT_USAGE;
    }
    return i;
}

/* A formula may begin with a minus: only words that look like options are options. */
static bool looks_like_option(const char *w)
{
    return w[0] == '-' && ((w[1] == '-' && isalpha((unsigned char)w[2])) || strcmp(w, "-o") == 0);
}

void args_parse(args *a, const command_row *command, int argc, char **argv)
{
    *a = (args){.command = command};
    a->operand = must(calloc((size_t)argc + 1, sizeof *a->operand));
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!only_operands && (strcmp(argv[i], "-h") == 0))
            add_value(a, O_HELP, "");
        else if (!only_operands && looks_like_option(argv[i]))
            i = parse_option(a, argc, argv, i);
        else
            a->operand[a->operand_count++] = argv[i];
    }
}

void args_clear(args *a)
{
    for (int o = 0; o < O_COUNT; o++)
        free(a->value[o]);
    free(a->operand);
}

const char *args_get(const args *a, option_id o) { return a->count[o] ? a->value[o][a->count[o] - 1] : NULL; }

long args_long(args *a, option_id o, long lowest, long highest, long otherwise)
{
    const char *s = args_get(a, o);
    if (!s)
        return otherwise;
    char *end;
    errno = 0;
    long v = strtol(s, &end, 10);
    if (*end || end == s || errno || v < lowest || v > highest) {
        complain("--%s %s: a whole number from %ld to %ld is needed", option_rows[o].name, s, lowest, highest);
        a->exit = EXIT_USAGE;
        return otherwise;
    }
    return v;
}

double args_real(args *a, option_id o, double otherwise)
{
    const char *s = args_get(a, o);
    if (!s)
        return otherwise;
    char *end;
    double v = strtod(s, &end);
    if (*end || end == s || !(v - v == 0)) {
        complain("--%s %s: a number is needed", option_rows[o].name, s);
        a->exit = EXIT_USAGE;
        return otherwise;
    }
    return v;
}

double args_positive(args *a, option_id o, double otherwise)
{
    double v = args_real(a, o, otherwise);
    if (!args_get(a, o) || a->exit || v > 0)
        return v;
    complain("--%s %s: a number above 0 is needed", option_rows[o].name, args_get(a, o));
    a->exit = EXIT_USAGE;
    return otherwise;
}

int args_choice(args *a, option_id o, const char *const *words, int otherwise)
{
    const char *s = args_get(a, o);
    if (!s || !*s)
        return otherwise;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], s) == 0)
            return i;
    fprintf(stderr, "gradus: --%s %s: one of", option_rows[o].name, s);
    for (int i = 0; words[i]; i++)
        fprintf(stderr, "%s %s", i ? "," : "", words[i]);
    fputs(" is needed\n", stderr);
    a->exit = EXIT_USAGE;
    return otherwise;
}

/* ---- lists ----------------------------------------------------------------------------------------------- */

list list_split(const char *text)
{
    list l = {0};
    int depth = 0;
    const char *start = text;
    for (const char *p = text;; p++) {
        depth += (*p == '[' || *p == '(') - (*p == ']' || *p == ')');
        if ((*p != ',' || depth > 0) && *p)
            continue;
        while (start < p && isspace((unsigned char)*start))
            start++;
        const char *end = p;
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        l.at = must(realloc(l.at, (size_t)(l.count + 1) * sizeof *l.at));
        l.at[l.count++] = must(strndup(start, (size_t)(end - start)));
        start = p + 1;
        if (!*p)
            return l;
    }
}

void list_free(list *l)
{
    for (int i = 0; i < l->count; i++)
        free(l->at[i]);
    free(l->at);
    *l = (list){0};
}

bool bindings_parse(bindings *b, const char *option, const char *text)
{
    *b = (bindings){0};
    if (!text)
        return true;
    b->parts = list_split(text);
    b->at = must(calloc((size_t)b->parts.count, sizeof *b->at));
    for (int i = 0; i < b->parts.count; i++) {
        char *eq = strchr(b->parts.at[i], '=');
        if (!eq || eq == b->parts.at[i] || !eq[1]) {
            complain("--%s: `%s` should read name=number, as in x=1,y=2", option, b->parts.at[i]);
            return false;
        }
        char *end = eq;
        while (end > b->parts.at[i] && isspace((unsigned char)end[-1]))
            end--;
        *end = 0;
        b->at[b->count++] = (gradus_value){.name = b->parts.at[i], .text = eq + 1};
    }
    return true;
}

void bindings_free(bindings *b)
{
    list_free(&b->parts);
    free(b->at);
    *b = (bindings){0};
}
