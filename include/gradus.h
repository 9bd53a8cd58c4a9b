/* gradus.h: the public door of Gradus. (The engine's faces are declared below the basics.) */
#ifndef GRADUS_H
#define GRADUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Stands before every public function: all else is hidden in both libraries. */
#if defined(__GNUC__)
#define GRADUS_API __attribute__((visibility("default")))
#else
#define GRADUS_API
#endif

/* What a fallible call answers. Names, exit codes and sentences: src/base/error.def. */
typedef enum gradus_status {
    GRADUS_OK = 0,
    GRADUS_SYNTAX, /* the text does not follow the formula language                       */
    GRADUS_SHAPE,  /* sizes, ranks or indices do not agree                                */
    GRADUS_DOMAIN, /* mathematics says: no value exists there                             */
    GRADUS_UNABLE, /* a value may exist; we do not know how to find it                    */
    GRADUS_LIMIT,  /* the budget of nodes, memory or seconds is spent                     */
    GRADUS_NOMEM,  /* the allocator refused                                               */
    GRADUS_IO,     /* a file or device failed                                             */
    GRADUS_BUG     /* an invariant of ours failed                                         */
} gradus_status;

/* Three answers to a mathematical question. UNKNOWN is never NO. */
typedef enum gradus_truth { GRADUS_NO = 0, GRADUS_YES = 1, GRADUS_UNKNOWN = 2 } gradus_truth;

/* The one door for memory. size 0 frees; old_size is the size passed when p was obtained (0 for NULL).
 * Returns NULL when it refuses. Must be usable from the thread that uses the context. */
typedef void *(*gradus_alloc_fn)(void *user, void *p, size_t old_size, size_t new_size);

typedef struct gradus_ctx gradus_ctx;

#ifdef __cplusplus
}
#endif
#endif
