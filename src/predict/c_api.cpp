#include <automill/predict/automill_predict.h>

#include <automill/predict/served_model.hpp>

// The C API: every function catches what is thrown, keeps its text for automill_last_error and returns a failure.

struct automill_model {
  automill::ServedModel served;
};

struct automill_row {
  std::size_t columns, width;
  automill::NamedRowPredictor predictor;
};

namespace {

using automill::ColumnKind;
using automill::Error;

static_assert(static_cast<int>(ColumnKind::number) == AUTOMILL_NUMBER &&
              static_cast<int>(ColumnKind::boolean) == AUTOMILL_BOOLEAN &&
              static_cast<int>(ColumnKind::category) == AUTOMILL_CATEGORY &&
              static_cast<int>(ColumnKind::datetime) == AUTOMILL_DATETIME &&
              static_cast<int>(ColumnKind::text) == AUTOMILL_TEXT);

std::string& last_error() {
  static thread_local std::string text;
  return text;
}

void keep_error(const char* text) noexcept {
  try {
    last_error() = text;
  } catch (...) {
    last_error().clear();  // no memory even for the text
  }
}

/// What body gives, or `failure` when it throws.
template <class Result, class Body>
Result guarded(Result failure, const Body& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    keep_error(error.what());
  } catch (...) {
    keep_error("unknown error");
  }
  return failure;
}

template <class T>
void check_pointer(const T* pointer, const char* name) {
  if (pointer == nullptr) throw Error("c_api.null", name, "NULL was given");
}

automill::RowColumn checked_column(const automill_row* row, std::size_t column) {
  check_pointer(row, "row");
  if (column >= row->columns)
    throw Error("c_api.column", std::to_string(column), "there are " + std::to_string(row->columns) + " columns");
  return {static_cast<std::uint32_t>(column)};
}

const automill::ColumnSchema& checked_column(const automill_model* model, std::size_t column) {
  check_pointer(model, "model");
  if (column >= model->served.schema().size())
    throw Error("c_api.column", std::to_string(column),
                "there are " + std::to_string(model->served.schema().size()) + " columns");
  return model->served.schema()[column];
}

template <class T>
void check_room(const automill_row* row, const T* out, std::size_t size) {
  check_pointer(row, "row");
  check_pointer(out, "out");
  if (size < row->width)
    throw Error("c_api.room", "out",
                "has room for " + std::to_string(size) + " of " + std::to_string(row->width) + " numbers");
}

}  // namespace

extern "C" {

const char* automill_version(void) { return AUTOMILL_VERSION; }
const char* automill_last_error(void) { return last_error().c_str(); }

automill_model* automill_load_file(const char* path) {
  return guarded<automill_model*>(nullptr, [&] {
    check_pointer(path, "path");
    return new automill_model{automill::load(std::string(path))};
  });
}

automill_model* automill_load_bytes(const void* bytes, size_t size) {
  return guarded<automill_model*>(nullptr, [&] {
    check_pointer(bytes, "bytes");
    return new automill_model{automill::load(std::span(static_cast<const std::byte*>(bytes), size))};
  });
}

void automill_free(automill_model* model) { delete model; }

size_t automill_output_width(const automill_model* model) {
  return guarded<size_t>(0, [&] {
    check_pointer(model, "model");
    return model->served.parts().model->output_spec().width;
  });
}

const char* automill_class_name(const automill_model* model, size_t output) {
  return guarded<const char*>(nullptr, [&] {
    check_pointer(model, "model");
    const auto& classes = model->served.classes();
    if (output >= classes.size())
      throw Error("c_api.class", std::to_string(output), "there are " + std::to_string(classes.size()) + " classes");
    return classes[output].c_str();
  });
}

const char* automill_output_name(const automill_model* model, size_t output) {
  return guarded<const char*>(nullptr, [&] {
    check_pointer(model, "model");
    const automill::TargetInfo& target = model->served.target();
    if (output >= target.width())
      throw Error("c_api.output", std::to_string(output), "there are " + std::to_string(target.width()) + " outputs");
    if (automill::is_classification(target.task)) return target.classes[output].c_str();
    return target.outputs.empty() ? target.name.c_str() : target.outputs[output].c_str();
  });
}

size_t automill_column_count(const automill_model* model) {
  return guarded<size_t>(0, [&] {
    check_pointer(model, "model");
    return model->served.schema().size();
  });
}

const char* automill_column_name(const automill_model* model, size_t column) {
  return guarded<const char*>(nullptr, [&] { return checked_column(model, column).name.c_str(); });
}

int automill_column_kind(const automill_model* model, size_t column) {
  return guarded<int>(AUTOMILL_ERROR, [&] { return static_cast<int>(checked_column(model, column).kind); });
}

int automill_column_index(const automill_model* model, const char* name, size_t* column) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    check_pointer(model, "model");
    check_pointer(name, "name");
    check_pointer(column, "column");
    *column = model->served.schema().column(name);
    return AUTOMILL_OK;
  });
}

automill_row* automill_row_new(const automill_model* model) {
  return guarded<automill_row*>(nullptr, [&] {
    check_pointer(model, "model");
    const auto& parts = model->served.parts();
    return new automill_row{parts.schema->size(), parts.model->output_spec().width, model->served.row_predictor()};
  });
}

void automill_row_free(automill_row* row) { delete row; }

int automill_row_set_number(automill_row* row, size_t column, double value) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    const automill::RowColumn at = checked_column(row, column);
    row->predictor.set(at, value);
    return AUTOMILL_OK;
  });
}

int automill_row_set_text(automill_row* row, size_t column, const char* bytes, size_t size) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    const automill::RowColumn at = checked_column(row, column);
    check_pointer(bytes, "bytes");
    row->predictor.set(at, std::string_view(bytes, size));
    return AUTOMILL_OK;
  });
}

int automill_row_set_missing(automill_row* row, size_t column) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    const automill::RowColumn at = checked_column(row, column);
    row->predictor.set_missing(at);
    return AUTOMILL_OK;
  });
}

void automill_row_clear(automill_row* row) {
  if (row != nullptr) row->predictor.clear();
}

int automill_row_predict(automill_row* row, double* out, size_t size) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    check_room(row, out, size);
    const auto prediction = row->predictor.predict();
    std::copy(prediction.begin(), prediction.end(), out);
    return AUTOMILL_OK;
  });
}

int automill_row_predict_interval(automill_row* row, double coverage, double* low, double* high) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    check_pointer(row, "row");
    check_pointer(low, "low");
    check_pointer(high, "high");
    const automill::Interval interval = row->predictor.predict_interval(coverage);
    *low = interval.low;
    *high = interval.high;
    return AUTOMILL_OK;
  });
}

int automill_row_predict_set(automill_row* row, double coverage, unsigned char* out, size_t size) {
  return guarded<int>(AUTOMILL_ERROR, [&] {
    check_room(row, out, size);
    const auto set = row->predictor.predict_set(coverage);
    std::copy(set.begin(), set.end(), out);
    return AUTOMILL_OK;
  });
}

}  // extern "C"
