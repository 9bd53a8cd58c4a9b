/* base: memory, budgets, text building, hashing and diagnostics. Knows nothing of mathematics.
 *
 * Central structure: gradus_ctx, the one object that owns everything. Each room above hangs its own
 * state on it (the room_state slots) with a destructor, so base need not know the rooms.
 *
 * Failure is *sticky*: the first failing call stores its status in ctx->status and, if it can, a
 * diagnostic. Constructors then answer a null value (TERM_NONE, NULL) and constructors given a null
 * value pass it on, so long computations need one check at the end (ctx_status), not one per line.
 *
 * Invariants: nothing is writable at file level; one thread per context; all heap memory comes from
 * ctx->alloc, which is told old sizes. Blocks of an arena never move: pointers into one stay valid
 * until the arena is rewound past them.
 * Start reading at struct gradus_ctx, then arena.c.                                                  */
#ifndef BASE_H
#define BASE_H

#include "gradus.h"

#include <stdarg.h>

#if defined(__GNUC__)
#define BASE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define BASE_MUST_USE __attribute__((warn_unused_result))
#else
#define BASE_PRINTF(fmt, args)
#define BASE_MUST_USE
#endif

/* ---- spans and diagnostics ------------------------------------------------------------------- */

/* Bytes [first, past) of source number `source` (0: none). */
typedef struct span {
    uint32_t source, first, past;
} span;

#define SPAN_NONE ((span){0, 0, 0})

typedef enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR } diag_severity;

/* One message to the user. Strings live in the context's diagnostics arena until diag_reset. */
typedef struct diag {
    diag_severity severity;
    gradus_status code;
    span where;
    const char *message; /* what was found, expected; in the user's words; no newline */
    const char *hint;    /* the mend, or NULL                                          */
} diag;

/* ---- arena ----------------------------------------------------------------------------------- */

/*  head -> [block k | used.....free ] -> [block k-1] -> ...     mark = (block, used); rewind frees
 *  newer blocks and resets `used`. Blocks never move.                                               */
typedef struct arena_block arena_block;
typedef struct arena {
    gradus_ctx *ctx;
    arena_block *head;
    size_t next_size; /* size of the next block: doubles up to 1 MiB */
} arena;
typedef struct arena_mark {
    arena_block *block;
    size_t used;
} arena_mark;

void arena_init(arena *a, gradus_ctx *ctx);
void arena_clear(arena *a);
/* Zeroed memory aligned to 16 bytes; NULL (and sticky NOMEM) on failure. */
void *arena_alloc(arena *a, size_t bytes);
void *arena_copy(arena *a, const void *p, size_t bytes);
char *arena_strndup(arena *a, const char *s, size_t n);
char *arena_printf(arena *a, const char *fmt, ...) BASE_PRINTF(2, 3);
arena_mark arena_get_mark(const arena *a);
void arena_rewind(arena *a, arena_mark m);

/* ---- the context ----------------------------------------------------------------------------- */

/* Rooms that hang state on the context. base only stores and destroys it. */
enum room_slot {
    SLOT_TERM, SLOT_TEXT, SLOT_RULE, SLOT_STEP, SLOT_EVAL, SLOT_DIFF, SLOT_EXPLAIN, SLOT_API, SLOT_COUNT
};

typedef struct ctx_limits {
    uint64_t nodes;   /* interned terms; 0: default 50 million        */
    double seconds;   /* wall time from ctx_begin; 0: no limit        */
} ctx_limits;

struct gradus_ctx {
    gradus_alloc_fn alloc;
    void *alloc_user;
    gradus_status status;  /* first failure since ctx_begin; sticky            */
    ctx_limits limits;
    double deadline;       /* monotonic seconds; 0: none                        */
    uint32_t ticks;        /* ctx_tick calls since the clock was last read      */
    arena diag_arena;
    diag *diags;           /* array, oldest first                               */
    size_t diag_count, diag_cap;
    void *room_state[SLOT_COUNT];
    void (*room_free[SLOT_COUNT])(gradus_ctx *, void *);
};

/* NULL when memory is refused. alloc NULL: the C library's. */
gradus_ctx *ctx_new(gradus_alloc_fn alloc, void *user);
void ctx_free(gradus_ctx *ctx);
/* Starts one request: clears status and diagnostics, sets the deadline from limits.seconds. */
void ctx_begin(gradus_ctx *ctx);
/* The sticky status. */
gradus_status ctx_status(const gradus_ctx *ctx);
/* Records a failure without words (NOMEM, LIMIT); the first one stays. Returns code. */
gradus_status ctx_fail(gradus_ctx *ctx, gradus_status code);
/* Cheap; call inside long loops. false when the deadline has passed (status becomes LIMIT) or a failure is
 * sticky. */
bool ctx_tick(gradus_ctx *ctx);
/* Seconds until the deadline; INFINITY without one. Reads the clock. */
double ctx_seconds_left(const gradus_ctx *ctx);

/* realloc through the context; NULL on failure with sticky NOMEM, the old block then still stands. new_size 0
 * frees. */
void *ctx_realloc(gradus_ctx *ctx, void *p, size_t old_size, size_t new_size);

/* ---- diagnostics ----------------------------------------------------------------------------- */

/* Adds an error, sets the sticky status (if none yet) and returns code. hint may be NULL. Copied. */
gradus_status diag_error(gradus_ctx *ctx, gradus_status code, span where, const char *hint, const char *fmt,
                         ...) BASE_PRINTF(5, 6);
/* Adds a note or warning; does not touch the status. */
void diag_add(gradus_ctx *ctx, diag_severity sev, gradus_status code, span where, const char *hint,
              const char *fmt, ...) BASE_PRINTF(6, 7);
void diag_reset(gradus_ctx *ctx);
/* The first error, or NULL. */
const diag *diag_first_error(const gradus_ctx *ctx);

/* Facts of error.def by code. */
const char *status_name(gradus_status s);     /* "syntax"                                    */
int status_exit_code(gradus_status s);        /* what the command line exits with             */
const char *status_sentence(gradus_status s); /* one sentence for a status without diagnostic */

/* ---- growing vectors ------------------------------------------------------------------------- */

/* VEC(int) v = {0}; vec_push(ctx, &v, 3) is false on NOMEM; vec_clear(ctx, &v) frees. Elements may move on
 * push. */
#define VEC(T) \
    struct { \
        T *at; \
        size_t n, cap; \
    }
bool vec_grow(gradus_ctx *ctx, void **at, size_t *cap, size_t want, size_t elem);
#define vec_reserve(ctx, v, want) \
    ((want) <= (v)->cap || vec_grow((ctx), (void **)&(v)->at, &(v)->cap, (want), sizeof *(v)->at))
#define vec_push(ctx, v, x) (vec_reserve((ctx), (v), (v)->n + 1) ? ((v)->at[(v)->n++] = (x), true) : false)
#define vec_clear(ctx, v) \
    (ctx_realloc((ctx), (v)->at, (v)->cap * sizeof *(v)->at, 0), (v)->at = NULL, (v)->n = (v)->cap = 0)

/* ---- string building ------------------------------------------------------------------------- */

/* A growing NUL-terminated string. After a failure `at` may be NULL and further appends do nothing. */
typedef struct strbuf {
    gradus_ctx *ctx;
    char *at;
    size_t n, cap;
} strbuf;
void strbuf_init(strbuf *b, gradus_ctx *ctx);
void strbuf_clear(strbuf *b);
void strbuf_add(strbuf *b, const char *s);
void strbuf_addn(strbuf *b, const char *s, size_t n);
void strbuf_addc(strbuf *b, char c);
/* Doubles do not go through %g here (its decimal point is the locale's) but through num_print_double. */
void strbuf_printf(strbuf *b, const char *fmt, ...) BASE_PRINTF(2, 3);
void strbuf_vprintf(strbuf *b, const char *fmt, va_list ap);
/* The text, never NULL ("" after failure); owned by b. */
const char *strbuf_str(const strbuf *b);

/* ---- hashing, utf-8, checked sizes ----------------------------------------------------------- */

uint64_t hash_bytes(const void *p, size_t n);          /* stable across runs and machines */
static inline uint64_t hash_mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}
/* Decodes one code point at s (n bytes left): its length in bytes, 0 at n == 0, -1 for malformed input. */
int utf8_decode(const char *s, size_t n, uint32_t *out);
/* Appends code point c; returns bytes written (at most 4). */
int utf8_encode(uint32_t c, char out[4]);
/* Columns a terminal gives to the UTF-8 text (combining marks 0). */
size_t utf8_width(const char *s, size_t n);
/* false on overflow. */
bool size_mul(size_t a, size_t b, size_t *out);
bool size_add(size_t a, size_t b, size_t *out);

/* Monotonic seconds. */
double clock_seconds(void);

#endif
