// Any operator of libtorch by name, through its dispatcher. Arguments are converted as the operator's schema says, so that a
// tfjs kernel needs no C++ of its own.
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/version.h>

#include <unordered_map>

#include "tensors.h"
#include "widened.h"

namespace multigrain {

namespace {

enum class Kind { Tensor, Integer, Float, Boolean, Scalar, String, Device, Unsupported };

struct Parameter {
  Kind kind;
  bool isOptional;
  bool isList;
  bool isListOfOptional;
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  // An operator that writes into its argument returns that argument: no new handle.
  bool isInPlace;
};

std::vector<Operator> operators;
std::unordered_map<std::string, int32_t> indexes;

Kind kindOf(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType: return Kind::Tensor;
    case c10::TypeKind::IntType: return Kind::Integer;
    case c10::TypeKind::FloatType: return Kind::Float;
    case c10::TypeKind::BoolType: return Kind::Boolean;
    case c10::TypeKind::NumberType: return Kind::Scalar;
    case c10::TypeKind::StringType: return Kind::String;
    case c10::TypeKind::DeviceObjType: return Kind::Device;
    default: return Kind::Unsupported;
  }
}

Parameter parameterOf(const c10::Argument& argument) {
  Parameter out{Kind::Unsupported, false, false, false};
  c10::TypePtr type = argument.type();
  if (auto optional = type->cast<c10::OptionalType>()) {
    out.isOptional = true;
    type = optional->getElementType();
  }
  if (auto list = type->cast<c10::ListType>()) {
    out.isList = true;
    type = list->getElementType();
    if (auto optional = type->cast<c10::OptionalType>()) {
      out.isListOfOptional = true;
      type = optional->getElementType();
    }
  }
  out.kind = kindOf(*type);
  return out;
}

c10::IValue scalarOf(napi_env env, napi_value value) {
  if (typeOf(env, value) == napi_boolean) {
    bool flag = false;
    napi_get_value_bool(env, value, &flag);
    return flag;
  }
  const double number = toNumber(env, value);
  const auto whole = static_cast<int64_t>(number);
  const bool isWhole = static_cast<double>(whole) == number && !(number == 0 && std::signbit(number));
  return isWhole ? c10::IValue(whole) : c10::IValue(number);
}

c10::IValue singleOf(napi_env env, Kind kind, napi_value value) {
  switch (kind) {
    case Kind::Tensor: return tensorOf(toInteger(env, value));
    case Kind::Integer: return toInteger(env, value);
    case Kind::Float: return toNumber(env, value);
    case Kind::Scalar: return scalarOf(env, value);
    case Kind::String: return toText(env, value);
    case Kind::Device: return c10::Device(toText(env, value));
    case Kind::Boolean: {
      bool flag = false;
      check(env, napi_get_value_bool(env, value, &flag), "expected a boolean");
      return flag;
    }
    default: throw CodedError{"argument", "an argument of a type that JavaScript cannot give"};
  }
}

template <typename Element, typename Read>
c10::IValue listOf(napi_env env, napi_value value, Read readElement) {
  c10::List<Element> out;
  // One number stands for a list of one, as in Python.
  if (!isArray(env, value)) {
    out.push_back(readElement(value));
    return out;
  }
  const uint32_t length = lengthOf(env, value);
  out.reserve(length);
  for (uint32_t i = 0; i < length; i++) out.push_back(readElement(elementOf(env, value, i)));
  return out;
}

c10::IValue manyOf(napi_env env, const Parameter& parameter, napi_value value) {
  if (parameter.isListOfOptional && parameter.kind == Kind::Tensor) {
    using Element = c10::optional<at::Tensor>;
    return listOf<Element>(env, value, [env](napi_value each) {
      return isAbsent(env, each) ? Element() : Element(tensorOf(toInteger(env, each)));
    });
  }
  switch (parameter.kind) {
    case Kind::Tensor: return listOf<at::Tensor>(env, value, [env](napi_value each) { return tensorOf(toInteger(env, each)); });
    case Kind::Integer: return listOf<int64_t>(env, value, [env](napi_value each) { return toInteger(env, each); });
    case Kind::Float: return listOf<double>(env, value, [env](napi_value each) { return toNumber(env, each); });
    case Kind::Boolean: return listOf<bool>(env, value, [env](napi_value each) { return singleOf(env, Kind::Boolean, each).toBool(); });
    default: throw CodedError{"argument", "a list of a type that JavaScript cannot give"};
  }
}

c10::IValue argumentOf(napi_env env, const Parameter& parameter, napi_value value) {
  if (parameter.isOptional && isAbsent(env, value)) return c10::IValue();
  // Where libtorch takes an undefined tensor, null stands for it.
  if (parameter.kind == Kind::Tensor && !parameter.isList && isAbsent(env, value)) return at::Tensor();
  return parameter.isList ? manyOf(env, parameter, value) : singleOf(env, parameter.kind, value);
}

napi_value resultOf(napi_env env, c10::IValue value) {
  if (value.isTensor()) return give(env, std::move(value).toTensor());
  if (value.isTensorList()) return giveAll(env, value.toTensorVector());
  if (value.isInt()) return fromInteger(env, value.toInt());
  if (value.isDouble()) return fromNumber(env, value.toDouble());
  if (value.isBool()) return fromBoolean(env, value.toBool());
  return null(env);
}

}  // namespace

}  // namespace multigrain

using namespace multigrain;

// op(name: 'aten::add.Tensor'): number. The operator's index for `call`.
JS_FUNCTION(op) {
  const std::string full = call.text(0);
  const auto known = indexes.find(full);
  if (known != indexes.end()) return fromInteger(call.env(), known->second);
  const size_t dot = full.find('.');
  const std::string name = full.substr(0, dot);
  const std::string overload = dot == std::string::npos ? "" : full.substr(dot + 1);
  const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!handle) throw CodedError{"missing-operator", "libtorch " TORCH_VERSION " has no operator '" + full + "'"};
  Operator made{*handle, {}, false};
  for (const c10::Argument& argument : handle->schema().arguments()) made.parameters.push_back(parameterOf(argument));
  for (const c10::Argument& result : handle->schema().returns())
    made.isInPlace = made.isInPlace || (result.alias_info() != nullptr && result.alias_info()->isWrite());
  operators.push_back(std::move(made));
  const auto index = static_cast<int32_t>(operators.size() - 1);
  indexes[full] = index;
  return fromInteger(call.env(), index);
}

// call(op: number, ...arguments): handle, handles, or a plain value; nothing for an operator that works in place.
JS_FUNCTION(call) {
  const napi_env env = call.env();
  const auto index = static_cast<size_t>(call.integer(0));
  if (index >= operators.size()) throw CodedError{"argument", "no operator has the index " + std::to_string(index)};
  const Operator& target = operators[index];
  torch::jit::Stack stack;
  stack.reserve(target.parameters.size());
  for (size_t i = 0; i < target.parameters.size(); i++) {
    const bool isGiven = i + 1 < call.count() && typeOf(env, call[i + 1]) != napi_undefined;
    if (isGiven) {
      stack.push_back(argumentOf(env, target.parameters[i], call[i + 1]));
      continue;
    }
    const c10::Argument& argument = target.handle.schema().arguments()[i];
    if (!argument.default_value())
      throw CodedError{"argument", target.handle.schema().name() + ": the argument '" + argument.name() + "' is missing"};
    stack.push_back(*argument.default_value());
  }
  callOrWiden(target.handle, stack);
  if (target.isInPlace) return nothing(env);
  if (stack.size() == 1) return resultOf(env, std::move(stack[0]));
  napi_value out;
  napi_create_array_with_length(env, stack.size(), &out);
  for (size_t i = 0; i < stack.size(); i++)
    napi_set_element(env, out, static_cast<uint32_t>(i), resultOf(env, std::move(stack[i])));
  return out;
}
