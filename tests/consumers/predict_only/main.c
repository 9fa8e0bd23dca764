/* The C API from C99: every function, its errors, the prediction that C++ gives. */
#include <automill/predict/automill_predict.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                 \
  do {                                                                                                   \
    if (!(condition)) {                                                                                  \
      fprintf(stderr, "%s:%d: %s failed (%s)\n", __FILE__, __LINE__, #condition, automill_last_error()); \
      exit(1);                                                                                           \
    }                                                                                                    \
  } while (0)

static void* read_file(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  void* bytes = malloc(1 << 22);
  CHECK(file != NULL && bytes != NULL);
  *size = fread(bytes, 1, 1 << 22, file);
  fclose(file);
  return bytes;
}

static void use_row(const automill_model* model) {
  double out[2], again[2];
  unsigned char set[2];
  size_t age, job, note;
  automill_row* row = automill_row_new(model);
  CHECK(row != NULL);
  CHECK(automill_column_index(model, "age", &age) == AUTOMILL_OK);
  CHECK(automill_column_index(model, "job", &job) == AUTOMILL_OK);
  CHECK(automill_column_index(model, "note", &note) == AUTOMILL_OK);
  CHECK(automill_column_index(model, "agee", &age) == AUTOMILL_ERROR);
  CHECK(strstr(automill_last_error(), "did you mean 'age'?") != NULL);
  CHECK(automill_row_set_number(row, age, 39.0) == AUTOMILL_OK);
  CHECK(automill_row_set_text(row, job, "clerk", 5) == AUTOMILL_OK);
  CHECK(automill_row_set_text(row, note, "likes tea", 9) == AUTOMILL_OK);
  CHECK(automill_row_predict(row, out, 2) == AUTOMILL_OK);
  CHECK(out[0] >= 0 && out[1] >= 0 && fabs(out[0] + out[1] - 1) < 1e-12);
  CHECK(automill_row_set_missing(row, age) == AUTOMILL_OK);
  CHECK(automill_row_predict(row, again, 2) == AUTOMILL_OK);
  CHECK(again[0] != out[0]);
  automill_row_clear(row);
  CHECK(automill_row_set_text(row, job, "clerk", 5) == AUTOMILL_OK);
  CHECK(automill_row_predict(row, out, 2) == AUTOMILL_OK);
  CHECK(out[0] == again[0]);
  CHECK(automill_row_predict(row, out, 1) == AUTOMILL_ERROR);
  CHECK(strstr(automill_last_error(), "[c_api.room]") != NULL);
  CHECK(automill_row_set_number(row, job, 1.0) == AUTOMILL_ERROR);
  CHECK(automill_row_set_number(row, 99, 1.0) == AUTOMILL_ERROR);
  CHECK(strstr(automill_last_error(), "[c_api.column]") != NULL);
  CHECK(automill_row_set_number(NULL, 0, 1.0) == AUTOMILL_ERROR);
  CHECK(automill_row_predict(NULL, out, 2) == AUTOMILL_ERROR);
  CHECK(automill_row_predict_interval(row, 0.9, out, again) == AUTOMILL_ERROR);
  CHECK(strstr(automill_last_error(), "use predict_set") != NULL);
  CHECK(automill_row_predict_set(row, 0.9, set, 2) == AUTOMILL_ERROR); /* a file from before */
  CHECK(strstr(automill_last_error(), "[model.no_intervals]") != NULL);
  automill_row_free(row);
}

int main(int count, char** arguments) {
  char path[4096];
  size_t size;
  void* bytes;
  automill_model *model, *other;
  automill_row* row;
  double out[2];
  CHECK(count > 1);
  CHECK(automill_last_error()[0] == '\0');
  CHECK(strcmp(automill_version(), "0.1.0") == 0);
  CHECK(automill_load_file("no/such/file") == NULL);
  CHECK(strstr(automill_last_error(), "[file.missing]") != NULL);
  CHECK(automill_load_file(NULL) == NULL);
  CHECK(automill_load_bytes("hello", 5) == NULL);
  CHECK(strstr(automill_last_error(), "[model_file.not_a_model]") != NULL);

  snprintf(path, sizeof path, "%s/binary_0.1.0.automill", arguments[1]);
  model = automill_load_file(path);
  CHECK(model != NULL);
  CHECK(automill_output_width(model) == 2);
  CHECK(strcmp(automill_class_name(model, 1), "yes") == 0);
  CHECK(automill_class_name(model, 2) == NULL);
  CHECK(strcmp(automill_output_name(model, 1), "yes") == 0);
  CHECK(automill_output_name(model, 2) == NULL);
  CHECK(automill_column_count(model) == 6);
  CHECK(strcmp(automill_column_name(model, 3), "job") == 0);
  CHECK(automill_column_name(model, 6) == NULL);
  CHECK(automill_column_kind(model, 3) == AUTOMILL_CATEGORY);
  CHECK(automill_column_kind(model, 4) == AUTOMILL_DATETIME);
  CHECK(automill_column_kind(model, 6) == AUTOMILL_ERROR);
  CHECK(automill_column_kind(NULL, 0) == AUTOMILL_ERROR);
  use_row(model);

  bytes = read_file(path, &size);
  other = automill_load_bytes(bytes, size);
  free(bytes);
  CHECK(other != NULL);
  row = automill_row_new(other);
  automill_free(other); /* the row keeps what it needs */
  CHECK(automill_row_predict(row, out, 2) == AUTOMILL_OK);
  automill_row_free(row);
  automill_row_free(NULL);
  automill_free(NULL);
  automill_free(model);
  puts("predict_only in C: ok");
  return 0;
}
