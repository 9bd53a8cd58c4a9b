/* term_impl: what the files of room term share. See term.h for the meaning of nodes.
 *
 * struct node is one record of the graph; records and argument arrays live in blocks that never move. The
 * intern table is open addressing with linear probing; because nodes are only ever removed newest first
 * (term_rewind), emptying a slot never breaks a probe chain.                                              */
#ifndef TERM_IMPL_H
#define TERM_IMPL_H

#include "term/term.h"

#include <string.h>

enum { CHUNK_BITS = 12, CHUNK_SIZE = 1 << CHUNK_BITS, SMALL_MIN = -256, SMALL_MAX = 1024 };

/* Bits of node.syms: one per symbol for the first ones, then shared. */
enum { SYM_BIT_INDEX = 62, SYM_BIT_SHARED = 63 };

typedef struct node {
    union {
        const term *args; /* argc handles, then (binders) the display names: not part of identity */
        fmpq *num;        /* OP_NUM                                                               */
    } u;
    uint64_t syms;     /* which symbols occur: exact for bits below SYM_BIT_INDEX                  */
    uint32_t hash;
    uint32_t argc;
    uint32_t aux;
    uint32_t size;     /* nodes of the written-out tree, saturating                                */
    uint32_t dangling; /* levels of BOUND nodes without a binder inside, a bit each              */
    uint32_t level;    /* highest binder level inside                                              */
    term canon;        /* raw nodes: memo of term_canon                                             */
    uint16_t flags;
    uint8_t op;
} node;

typedef struct symbol {
    sym_info info;
    term handle;
    uint32_t hash;
    uint8_t bit;
    bool fresh; /* never found by name */
} symbol;

typedef struct mark_record {
    uint32_t nodes, symbols;
    size_t journal;
    arena_mark mem;
    sym_info *infos; /* copies of the infos of symbols [0, symbols) */
} mark_record;

typedef struct rewind_hook {
    void (*fn)(gradus_ctx *ctx, void *user, uint32_t count);
    void *user;
} rewind_hook;

typedef struct term_store {
    node **chunk;
    size_t chunk_cap;
    uint32_t count; /* nodes, including the unused node 0 */
    uint64_t *slot; /* intern table: hash << 32 | handle, so that a probe need not visit the node; 0: free */
    size_t slot_cap, slot_used;
    arena mem;
    VEC(symbol *) symbols;
    uint32_t *sym_slot; /* name table: symbol number + 1 */
    size_t sym_slot_cap;
    term small[SMALL_MAX - SMALL_MIN + 1];
    term constant[3], undefined, truth[2];
    VEC(mark_record) marks;
    VEC(term) canon_journal; /* raw nodes whose memo was set, oldest first */
    VEC(rewind_hook) hooks;
    VEC(term_lost) lost;
    bool recording;
    uint32_t fresh_count;
    uint8_t next_bit;
    uint64_t defined; /* syms bits of defined names (conservative: shared bits) */
} term_store;

static inline term_store *store_of(const gradus_ctx *ctx) { return ctx->room_state[SLOT_TERM]; }

static inline node *node_at(const term_store *s, term t) { return &s->chunk[t >> CHUNK_BITS][t & (CHUNK_SIZE - 1)]; }

/* The one way a node comes to be. args are copied; names (n_names of them) are kept for display after the arguments.
 * flags: TF_RAW to make a raw node; the rest is derived. TERM_NONE if any argument is. */
term term_intern(gradus_ctx *ctx, term_op op, uint32_t aux, unsigned flags, const term *args, uint32_t argc,
                 const term *names, uint32_t n_names);
term term_intern_num(gradus_ctx *ctx, const fmpq_t q);
bool term_op_commutes(const term_store *s, term_op op, uint32_t aux);

/* Exact arithmetic on NUM handles. */
term num_add_handles(gradus_ctx *ctx, term a, term b);
term num_mul_handles(gradus_ctx *ctx, term a, term b);
/* a^e if exact, TERM_NONE without failure otherwise. */
term num_pow_handles(gradus_ctx *ctx, term a, term e);
bool num_is_integer(const gradus_ctx *ctx, term q);
int num_compare(const gradus_ctx *ctx, term a, term b);

void term_lose(gradus_ctx *ctx, lost_kind kind, term what);

symbol *symbol_of(const gradus_ctx *ctx, term sym);

/* Does the bound level occur dangling in t? */
bool term_has_level(const gradus_ctx *ctx, term t, uint32_t level);

/* term_reduce with the display name (a SYM) given: index may be a BOUND. delta: eliminate deltas and pull factors. */
term term_reduce_named(gradus_ctx *ctx, term_red r, term index, term name, term lo, term hi, term body, bool canonical);
term term_array_named(gradus_ctx *ctx, const term *index, const term *names, const term *lo, const term *hi,
                      uint32_t rank, term body);
/* The display-name symbols of a REDUCE or ARRAY. */
const term *term_binder_names(const gradus_ctx *ctx, term binder);
/* Canonical node of the operator from canonical arguments laid out as in op.def. names: of binders. */
term term_construct(gradus_ctx *ctx, term_op op, uint32_t aux, const term *args, uint32_t n, const term *names);

/* A map from handles to handles for one pass. */
typedef struct term_map {
    gradus_ctx *ctx;
    uint64_t *slot; /* key << 32 | value; 0: empty */
    size_t cap, used;
} term_map;
void term_map_init(term_map *m, gradus_ctx *ctx);
void term_map_clear(term_map *m);
term term_map_get(const term_map *m, term key);
bool term_map_put(term_map *m, term key, term value);

/* Bottom-up rewriting with an explicit stack. See rewrite.c. */
typedef struct rewriter rewriter;
struct rewriter {
    gradus_ctx *ctx;
    bool raw;           /* rebuild nodes as raw                                                */
    bool open;          /* open binders with fresh indices on the way down                      */
    uint64_t any_syms;  /* prune: a node with none of these symbols ...                          */
    uint32_t any_levels;/* ... and none of these dangling levels ...                             */
    unsigned any_flags; /* ... and none of these flags is left as it is (all three 0: no prune) */
    term least;         /* prune: nodes below this handle are left as they are                  */
    /* Replacement for t decided on the way down: t itself to descend, anything else to take its place (again visited
     * when `again`). May be NULL. */
    term (*down)(rewriter *r, term t, bool *again);
    void *user;
    term_map memo;
};
term term_rewrite(rewriter *r, term t);

#endif
