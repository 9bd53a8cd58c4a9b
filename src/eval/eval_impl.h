/* eval_impl: what the files of room eval share.
 *
 *   term --prog.c--> prog: the nodes under the roots, ascending, with small local numbers
 *   prog + domain = instance: a state per node (has it a value?) and a payload per node, the domain's business:
 *     a double, or an exact rational and a ball
 *   machine: the walker's stack, the instances (one for the formula, one for each rule of a recurrence), the
 *     tables of recurrence elements, the faults
 *
 * The walker (walk.c) asks for values and never for what no answer needs: a bracket before its fellow factors,
 * a condition before its branch. It knows no numbers; the domains (ball.c, float.c) know no control flow.
 *
 * A node is valid when its stamp is at least the stamp of the innermost loop it depends on (its `slot`):
 * levels grow outwards, and an inner loop is set anew whenever an outer one moves, so the lowest level alone
 * tells. */
#ifndef EVAL_IMPL_H
#define EVAL_IMPL_H

#include "eval/eval.h"

#include <math.h>
#include <string.h>

/* ---- program ----------------------------------------------------------------------------------------- */

enum {
    NODE_NONE = UINT32_MAX,
    SLOT_FORMAL = 63,    /* formals of a recurrence rule: outside all loops of its body */
    MAX_LEVEL = 62
};

/* Coefficient of a summand, or exponent of a factor. */
typedef enum parg_kind {
    PARG_PLAIN, /* neither: an argument of any other node               */
    PARG_INT,   /* k                                                    */
    PARG_HALF,  /* exponent k/2, k odd                                  */
    PARG_INV,   /* coefficient 1/k                                      */
    PARG_RAT    /* the NUM node `num`                                   */
} parg_kind;

typedef struct parg {
    uint32_t node;
    uint32_t num;
    int32_t k;
    uint8_t kind;
    bool negative; /* the coefficient or exponent */
} parg;

enum pnode_flag {
    PN_STRONG = 1 << 0,  /* may be a strong zero: a false bracket, or a product with one            */
    PN_INTEGER = 1 << 1, /* an integer by its structure: a power with it has 0^0 = 1                */
    PN_ARRAY = 1 << 2,   /* array-valued: never evaluated by itself, only by element                */
    PN_LAZY = 1 << 3     /* CASES, AND, OR, ACC, REDUCE, MATFN, EXTENT, MUL with PN_STRONG arguments */
};

/* ADD: arg[0] is the constant, then the terms with their coefficients. MUL: bases with exponents. */
typedef struct pnode {
    term t;
    uint32_t first, count; /* arguments: prog.arg[first .. first+count)                    */
    uint32_t user;         /* array SYM, CALL: index into prog.sym; FN: fn_id; formals: number */
    uint64_t mask;         /* levels it depends on (bit SLOT_FORMAL: the rule's formals)   */
    uint8_t op, aux, slot, flags;
} pnode;

/* An array symbol or a recurrence (array or function) that the program reads. */
typedef struct psym {
    term sym;
    const sym_info *info; /* stays while the machine lives: nothing is defined meanwhile */
    uint32_t table;       /* recurrences: index into machine.tables                        */
    bool recursive;
} psym;

typedef struct prog {
    uint32_t n;
    pnode *node;  /* n of them, and number n: a spare place for one value more, named after the first root */
    parg *arg;
    psym *sym;
    uint32_t n_sym;
    uint32_t max_level;
} prog;

/* ---- state of a run ---------------------------------------------------------------------------------- */

typedef enum eval_kind {
    EV_NONE,
    EV_NUM,    /* the payload has it                                        */
    EV_PINF,   /* infinities; the double domain keeps them in the payload */
    EV_NINF,
    EV_FALSE,
    EV_TRUE,
    EV_UNSURE, /* not decided at this precision; `culprit` says where      */
    EV_UNDEF   /* no value; `culprit` is a fault                            */
} eval_kind;

enum { STRONG_NO, STRONG_YES, STRONG_MAYBE };

typedef struct state {
    uint64_t stamp;
    uint32_t culprit; /* UNSURE: the term not decided; UNDEF: index into machine.fault */
    uint8_t kind, strong;
} state;

typedef struct fault_record {
    term what;
    gradus_status code;
    const char *why; /* in machine.mem */
} fault_record;

typedef struct instance {
    const prog *p;
    state *st;
    void *pay;               /* domain payload, one entry a node                     */
    int64_t *level;          /* value of each bound level                            */
    int64_t *formal;         /* rules: values of the formals                         */
    uint64_t slot_stamp[64]; /* [0]: beginning of this round                         */
    struct matrix **mats;    /* of MATFN nodes, by node; NULL until the first         */
} instance;

typedef struct frame {
    uint32_t node, next, phase, loop;
} frame;

/* One running reducer. The accumulator is the domain's: number `loop` of its pool. */
typedef struct loop_record {
    int64_t at, hi, count;
    state pending;    /* prod: the first factor without a value, in case a strong zero follows */
    bool has_pending;
} loop_record;

typedef struct machine machine;

typedef enum reduce_go { REDUCE_ON, REDUCE_STOP } reduce_go;

/* A place for a value: of a node, of a matrix entry, of a recurrence element. */
typedef struct val {
    state *st;
    void *pay;
} val;

/* What an engine for one kind of number provides. */
typedef struct domain {
    size_t pay_size; /* payloads may be moved by realloc */
    void (*pay_init)(machine *m, void *pay, size_t count); /* given zeroed memory */
    void (*pay_clear)(machine *m, void *pay, size_t count);
    void (*pay_copy)(void *to, const void *from);
    void (*machine_clear)(machine *m);
    void (*leaf)(machine *m, instance *in, uint32_t n, term value); /* a NUM, a CONST, -inf */
    /* ADD MUL POW FN REL of arguments that all have values (EV_NUM or infinite). */
    void (*strict)(machine *m, instance *in, uint32_t n);
    void (*set_long)(val v, int64_t k);
    void (*set_double)(val v, double x); /* x not NaN; sets the kind */
    void (*set_unit)(val v);             /* all numbers from 0 to 1; exact domains only */
    /* 0: *k is the integer; 1: not an integer; 2: not decided; 3: +inf; 4: -inf. v has a value. */
    int (*get_long)(machine *m, val v, int64_t *k);
    /* to := the smallest set with both values, which are EV_NUM. Exact domains only. */
    void (*join)(machine *m, val to, val from);
    bool (*reduce_start)(machine *m, uint32_t loop, term_red r); /* false: no memory */
    /* body has a value. May set node n (a fault, an unsure) and stop. */
    reduce_go (*reduce_add)(machine *m, instance *in, uint32_t n, uint32_t loop, val body, int64_t index);
    void (*reduce_end)(machine *m, instance *in, uint32_t n, uint32_t loop, int64_t count);
    /* INV overwrites the matrix with its inverse and sets node n to any value; DET, LOGDET set node n. */
    void (*matfn)(machine *m, instance *in, uint32_t n, struct matrix *a);
    void (*print)(machine *m, val v, strbuf *b);
} domain;

/* Values kept outside an instance: matrices and memo tables. */
typedef struct store {
    state *st;
    void *pay;
    size_t n, cap, st_cap; /* payloads are made for cap entries */
} store;

typedef struct matrix {
    int64_t size, lo[2]; /* square; first index of each axis */
    store cell;          /* size*size, row-major             */
    int64_t done;        /* entries filled so far            */
} matrix;

typedef struct table table; /* recurrence.c */

struct machine {
    gradus_ctx *ctx;
    const domain *dom;
    arena mem;             /* programs, strings: lives as long as the machine */
    slong prec;
    uint64_t stamp;        /* counter of everything that happens              */
    VEC(frame) stack;
    VEC(loop_record) loops;
    VEC(fault_record) faults;
    VEC(instance *) instances;
    const eval_bind *at;
    size_t n_at;
    uint32_t *at_order;    /* of `at`, by symbol */
    const double *at_value; /* plans: the values, instead of those in `at` */
    int64_t shape_lo[SYM_MAX_RANK]; /* first indices of an array-valued root */
    /* the domain's: accumulators by loop number, arguments of a function */
    void *acc;
    size_t acc_n;
    VEC(arb_struct) fn_arb;
    VEC(double) fn_double;
    arb_t tmp, tmp2;
    fmpq_t qtmp, qtmp2;
    /* recurrences */
    VEC(table *) tables;
    bool in_rule;          /* a missing element interrupts the run instead of being computed here */
    bool needs;            /* ... and is this one                                                  */
    uint32_t need_table;
    int64_t need_at[SYM_MAX_RANK];
};

static inline bool state_valid(const instance *in, uint32_t n)
{
    return in->st[n].stamp >= in->slot_stamp[in->p->node[n].slot];
}
static inline val node_val(const machine *m, const instance *in, uint32_t n)
{
    return (val){&in->st[n], (char *)in->pay + n * m->dom->pay_size};
}
static inline val store_val(const machine *m, const store *s, size_t i)
{
    return (val){&s->st[i], (char *)s->pay + i * m->dom->pay_size};
}
static inline void val_copy(const machine *m, val to, val from)
{
    to.st->kind = from.st->kind;
    to.st->strong = from.st->strong;
    to.st->culprit = from.st->culprit;
    if (from.st->kind == EV_NUM)
        m->dom->pay_copy(to.pay, from.pay);
}
static inline const parg *node_args(const prog *p, const pnode *e) { return p->arg + e->first; }

/* prog.c. formals: symbols read from instance.formal (n_formals of them), may be NULL. NULL on failure. */
prog *prog_make(machine *m, const term *roots, uint32_t n_roots, const term *formals, uint32_t n_formals);
/* Local number of a term of the program, NODE_NONE if it is not there. */
uint32_t prog_find(const prog *p, term t);

/* machine.c */
instance *instance_make(machine *m, const prog *p);
bool machine_init(machine *m, gradus_ctx *ctx, const domain *dom, const eval_bind *at, size_t n);
void machine_clear(machine *m);
/* Place of the symbol's value in machine.at, n_at: it has none. */
size_t machine_find(const machine *m, term sym);
/* Forgets all values: a new precision. */
void machine_round(machine *m, slong prec);
/* A number, a constant, or -inf: what a domain's `leaf` can take. */
bool leaf_value(const gradus_ctx *ctx, term t);
bool store_resize(machine *m, store *s, size_t n);
void store_clear(machine *m, store *s);

/* walk.c: makes node n of `in` valid. false: a failure (sticky), or m->needs. */
bool walk(machine *m, instance *in, uint32_t n);
void level_set(machine *m, instance *in, uint32_t level, int64_t value);

/* array.c: elements and extents. What must be evaluated before there is an answer is *need. */
typedef enum array_answer {
    ARRAY_DONE,  /* node n has been set                           */
    ARRAY_NODE,  /* the element is the value of node *need        */
    ARRAY_NEEDS, /* ask again when node *need has been evaluated  */
    ARRAY_FAIL   /* failure recorded, or m->needs                 */
} array_answer;
/* The element of array node a at `at`, for node n. */
array_answer array_element(machine *m, instance *in, uint32_t n, uint32_t a, const int64_t *at, uint32_t rank,
                           uint32_t *need);
typedef struct array_dims {
    uint32_t rank;
    int64_t size[SYM_MAX_RANK], lo[SYM_MAX_RANK];
} array_dims;
/* DONE: *d is right. A range that is not known is a fault: node n is set and `fault` true. */
array_answer array_shape(machine *m, instance *in, uint32_t n, uint32_t a, array_dims *d, bool *fault,
                         uint32_t *need);

/* recurrence.c */
bool recurrence_register(machine *m, psym *s);
/* Writes element to node n of `in`. false: failure, or m->needs. */
bool recurrence_get(machine *m, instance *in, uint32_t n, const psym *s, const int64_t *at);
/* Extents as the rules state them: from the least to the greatest index. */
bool recurrence_shape(machine *m, const psym *s, array_dims *d);
void recurrence_round(machine *m);
void recurrence_clear(machine *m);

/* fault.c: a node without a value. The message is printed now: the operands may change later. */
void fault_state(machine *m, state *st, term what, gradus_status code, const char *fmt, ...)
    BASE_PRINTF(5, 6);
/* The same for node n: bound indices in `what` are shown as the numbers they stand for. */
#define fault_set(m, in, n, what, ...)                                                                       \
    fault_state((m), &(in)->st[n], fault_place((m), (in), (n), (what)), __VA_ARGS__)
term fault_place(machine *m, const instance *in, uint32_t n, term what);
void unsure_set(machine *m, instance *in, uint32_t n, term what);
/* FN node n: its arguments lie outside its domain. */
void fault_domain(machine *m, instance *in, uint32_t n);
/* Factor f of MUL node n: 0 to a negative power, or a root of a negative number. */
void fault_division(machine *m, instance *in, uint32_t n, const parg *f);
void fault_root(machine *m, instance *in, uint32_t n, const parg *f);
/* The problem of a value that is not there, its text copied to the diagnostics arena. */
eval_problem fault_report(machine *m, const state *st);

extern const domain ball_domain, float_domain;

#endif
