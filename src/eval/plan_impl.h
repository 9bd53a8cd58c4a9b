/* plan_impl: the instructions of a plan. See plan.c.
 *
 * One register a node. Code for the nodes of a loop stands between PLAN_LOOP and PLAN_NEXT of that loop; what
 * does not depend on the loop's index stands before. The outermost code has three stages: what depends on no
 * variable (run once, when the plan is made), what does not depend on the last variable, and the rest. */
#ifndef PLAN_IMPL_H
#define PLAN_IMPL_H

#include "eval/float_impl.h"

typedef enum plan_op {
    PLAN_SET,    /* d = k                                                           */
    PLAN_COPY,   /* d = a                                                           */
    PLAN_NEG,    /* d = -a                                                          */
    PLAN_ADD,    /* d = a + b                                                       */
    PLAN_SUB,    /* d = a - b                                                       */
    PLAN_ADDK,   /* d = k + a                                                       */
    PLAN_SUBK,   /* d = k - a                                                       */
    PLAN_MULK,   /* d = k*a                                                         */
    PLAN_DIVK,   /* d = a/k                                                         */
    PLAN_ADDMK,  /* d = b + k*a                                                     */
    PLAN_ADDDK,  /* d = b + a/k                                                     */
    PLAN_MUL,    /* d = a*b                                                         */
    PLAN_DIV,    /* d = a/b                                                         */
    PLAN_INV,    /* d = 1/a                                                         */
    PLAN_POWI,   /* d = a^n, n >= 0                                                 */
    PLAN_SQRT,   /* d = sqrt(a)                                                     */
    PLAN_POWK,   /* d = pow(a, k)                                                   */
    PLAN_POW,    /* d = pow(a, b)                                                   */
    PLAN_FN1,    /* d = f(a)                                                        */
    PLAN_FN,     /* d = f(pool[a .. a+n))                                           */
    PLAN_REL,    /* d = a rel b: 0, 1, or NaN where either is                       */
    PLAN_NOT,    /* d = 1 - a                                                       */
    PLAN_AND,    /* d = and of pool[a .. a+n)                                       */
    PLAN_OR,     /* d = or of pool[a .. a+n)                                        */
    PLAN_STRONG, /* a is 0: d = 0, go to `to`                                       */
    PLAN_CASE,   /* a is 1: d = b, go to `to`; a is NaN: d = NaN, go to `to`        */
    PLAN_LOAD,   /* d = data[a], one index                                          */
    PLAN_LOADN,  /* d = data[pool[a .. a+n)]                                        */
    PLAN_PICK,   /* d = the register pool[b + i], where i is the value of a, 1..n   */
    PLAN_LOOP,   /* loop record b, index register a, range pool[n], pool[n+1]; empty: d is set, go to `to` */
    PLAN_NEXT,   /* take register a into record b; go to `to` or finish d           */
    PLAN_WALK    /* d = node d by the walker, levels pool[a .. a+n)                 */
} plan_op;

typedef struct plan_ins {
    uint8_t op, aux; /* aux: term_rel or term_red */
    uint32_t d, a, b;
    int32_t n;
    uint32_t to;
    union {
        double k;
        double (*f)(const double *args, int n);
        const sym_info *data;
        struct { uint32_t first, count; } strong; /* PLAN_NEXT of a product: the brackets, in the pool */
    } u;
} plan_ins;

typedef struct plan_loop {
    int64_t at, hi, first_index;
    double value, sum;
    int64_t best;
    bool strong; /* a factor was a strong zero */
} plan_loop;

typedef enum plan_stage { STAGE_CONST, STAGE_SLOW, STAGE_FAST, STAGE_COUNT } plan_stage;

struct eval_plan {
    gradus_ctx *ctx;
    machine m;          /* owns the program; walks what has no instructions */
    instance *in;
    double *reg;        /* one a node, and scratch                          */
    size_t n_reg;
    VEC(plan_ins) code;
    VEC(uint32_t) pool;
    uint32_t start[STAGE_COUNT + 1]; /* stage s: code[start[s] .. start[s+1]) */
    plan_loop *loop;
    uint32_t n_loop;
    uint32_t *var;      /* registers of the variables; NODE_NONE: does not occur */
    uint32_t n_vars;
    uint32_t *root;
    uint32_t n_roots;
    eval_bind *at;
    double *args;       /* arguments of a function of several */
    uint32_t n_args;
    double *at_value;   /* the variables' values, for the walker */
    uint32_t level_reg[MAX_LEVEL + 1]; /* register of each bound level */
    bool walks;
};

/* plan_run.c. false: a failure is sticky. */
bool plan_execute(eval_plan *p, plan_stage stage);

#endif
