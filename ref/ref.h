/* ref: a second opinion. Values of plain-text formulas and their slopes in long double, written from
 * docs/SEMANTICS.md to be read and believed, not to be fast. It shares no line with src/: an oracle that
 * shares code with the suspect proves nothing. Scalars only: names, functions, powers, conditions, brackets,
 * cases, reducers with ranges.
 *
 *   characters --read.c--> tree --value.c--> long double (NaN: no value)      slope: differences at falling
 * distances
 *
 * Recursion is allowed here: formulas nested deeper than REF_DEPTH are refused. */
#ifndef REF_H
#define REF_H

#include <stdbool.h>
#include <stddef.h>

enum { REF_DEPTH = 2000, REF_NAME = 32, REF_ERROR = 160 };

typedef enum ref_kind {
    REF_NUMBER,
    REF_NAMED,   /* variable or bound index                             */
    REF_SUM,     /* kids; sign[i] '+' or '-'                            */
    REF_PRODUCT, /* kids; sign[i] '*' or '/'                            */
    REF_POWER,
    REF_CALL,    /* name, kids                                          */
    REF_CASES,   /* c1, v1, c2, v2, ..., [else]                         */
    REF_IVERSON, /* kid: a condition                                    */
    REF_COMPARE, /* kids; sign[i] (i >= 1): < l(<=) > g(>=) = n(!=)     */
    REF_AND,
    REF_OR,
    REF_NOT,
    REF_REDUCE /* name: reducer; index; kids: lo, hi, body            */
} ref_kind;

typedef struct ref_node ref_node;
struct ref_node {
    ref_kind kind;
    size_t n;
    ref_node **kid;
    char *sign;
    long double number;
    char name[REF_NAME], index[REF_NAME];
};

/* NULL and a message when the text is not a formula that ref knows. */
ref_node *ref_read(const char *text, char error[REF_ERROR]);
void ref_free(ref_node *f);

typedef struct ref_point {
    const char *name;
    long double value;
} ref_point;

/* NaN where the formula has no value. */
long double ref_value(const ref_node *f, const ref_point *at, size_t n);
/* The slope by at[which]; *error an estimate of its absolute error. NaN where no difference has a value. */
long double ref_slope(const ref_node *f, const ref_point *at, size_t n, size_t which, long double *error);

/* read.c and value.c share: is it the name of a function or reducer, and how many arguments may it have? */
bool ref_is_function(const char *name, size_t arguments);
bool ref_is_reducer(const char *name);
long double ref_function(const char *name, const long double *arg, size_t n);

#endif
