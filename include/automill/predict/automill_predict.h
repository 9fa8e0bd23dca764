/* The C API of automill::predict: load a model file, predict rows. Its functions keep their names, arguments and
 * meaning in every version (the stable ABI); new ones may be added.
 *
 *   automill_model *model = automill_load_file("adult.automill");
 *   if (model == NULL) { fprintf(stderr, "%s\n", automill_last_error()); return 1; }
 *   automill_row *row = automill_row_new(model);            // one a thread; the model is shared
 *   automill_row_set_number(row, 0, 39.0);                  // columns by position, see automill_column_index
 *   automill_row_set_text(row, 1, "clerk", 5);
 *   double out[2];
 *   automill_row_predict(row, out, 2);                      // no allocation
 *   automill_row_free(row);
 *   automill_free(model);
 *
 * Functions that return int give AUTOMILL_OK or AUTOMILL_ERROR; pointers are NULL on an error. What went wrong, with
 * its code in brackets at the end, is the text of automill_last_error(), which belongs to the calling thread.
 */
#ifndef AUTOMILL_PREDICT_H
#define AUTOMILL_PREDICT_H

#include <stddef.h>

#if defined(__GNUC__)
#define AUTOMILL_C_API __attribute__((visibility("default")))
#else
#define AUTOMILL_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { AUTOMILL_OK = 0, AUTOMILL_ERROR = -1 };

/** Kinds of columns. A number, a boolean (0 or 1) and a datetime (microseconds since 1970-01-01 UTC) are set as
 * numbers, a category and text as text. */
enum { AUTOMILL_NUMBER = 0, AUTOMILL_BOOLEAN = 1, AUTOMILL_CATEGORY = 2, AUTOMILL_DATETIME = 3, AUTOMILL_TEXT = 4 };

typedef struct automill_model automill_model;
typedef struct automill_row automill_row;

/** "0.1.0" */
AUTOMILL_C_API const char* automill_version(void);
/** The last error of this thread; "" when there was none. Valid until the next error of this thread. */
AUTOMILL_C_API const char* automill_last_error(void);

/** Reads a model file, or its bytes (which are not needed afterwards). */
AUTOMILL_C_API automill_model* automill_load_file(const char* path);
AUTOMILL_C_API automill_model* automill_load_bytes(const void* bytes, size_t size);
/** Rows that were made of the model stay valid. NULL is allowed. */
AUTOMILL_C_API void automill_free(automill_model* model);

/** Numbers in a prediction: one probability a class; for regression one value an output, of which most models have 1.
 */
AUTOMILL_C_API size_t automill_output_width(const automill_model* model);
/** Name of the class whose probability stands at `output`; NULL for regression. Lives as long as the model. */
AUTOMILL_C_API const char* automill_class_name(const automill_model* model, size_t output);
/** Name of what stands at `output`: a class, or a predicted quantity or quantile. Lives as long as the model. */
AUTOMILL_C_API const char* automill_output_name(const automill_model* model, size_t output);

/** Columns that prediction needs. Names live as long as the model. */
AUTOMILL_C_API size_t automill_column_count(const automill_model* model);
AUTOMILL_C_API const char* automill_column_name(const automill_model* model, size_t column);
AUTOMILL_C_API int automill_column_kind(const automill_model* model, size_t column);
/** Position of the column of this name; the error says the nearest name. */
AUTOMILL_C_API int automill_column_index(const automill_model* model, const char* name, size_t* column);

/** A row whose cells are all missing. Cells keep their value between predictions. */
AUTOMILL_C_API automill_row* automill_row_new(const automill_model* model);
AUTOMILL_C_API void automill_row_free(automill_row* row);
AUTOMILL_C_API int automill_row_set_number(automill_row* row, size_t column, double value);
/** UTF-8, not terminated. In a text column the bytes must live until the prediction; a category is looked up at once.
 */
AUTOMILL_C_API int automill_row_set_text(automill_row* row, size_t column, const char* bytes, size_t size);
AUTOMILL_C_API int automill_row_set_missing(automill_row* row, size_t column);
AUTOMILL_C_API void automill_row_clear(automill_row* row);
/** Writes automill_output_width numbers. `size`: room in `out`. */
AUTOMILL_C_API int automill_row_predict(automill_row* row, double* out, size_t size);
/** Regression: where the truth lies with probability `coverage`. */
AUTOMILL_C_API int automill_row_predict_interval(automill_row* row, double coverage, double* low, double* high);
/** Classification: 1 for each class that is in the set which holds the true one with probability `coverage`, else 0;
 * automill_output_width numbers. `size`: room in `out`. */
AUTOMILL_C_API int automill_row_predict_set(automill_row* row, double coverage, unsigned char* out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
