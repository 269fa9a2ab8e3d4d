internal import Foundation

/// XGBoost's models as JSON, and what stands against a JSON document.
enum XGBoostJSON {
  static func load(contents: Data) throws(ModelFileError) -> LoadedModel {
    try XGBoostConversion(try decode(XGBoostDocument.self, withoutNaN(contents)).learner).load()
  }

  /// Versions before 3 write NaN, which JSON does not know, for the threshold of a split by category: null in its place.
  private static func withoutNaN(_ contents: Data) -> Data {
    let mark = Array("NaN".utf8)
    guard contents.firstRange(of: mark) != nil else { return contents }
    let bytes = [UInt8](contents)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    var isInString = false
    var isEscaped = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == mark[0], !isInString, bytes[index...].starts(with: mark) {
        result += Array("null".utf8)
        index += mark.count
        continue
      }
      if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
      isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped
      result.append(byte)
      index += 1
    }
    return Data(result)
  }

  /// Decodes a document, or says which field is in the way.
  ///
  /// - Parameter remedy: what to do about that; nil: what XGBoost's users do.
  static func decode<T: Decodable>(
    _ type: T.Type,
    _ contents: Data,
    remedy: String? = nil
  ) throws(ModelFileError) -> T {
    do { return try JSONDecoder().decode(type, from: contents) } catch {
      let fault = explain(error, contents)
      throw ModelFileError(message: fault.message, remedy: remedy ?? fault.remedy)
    }
  }

  private static func explain(_ error: any Error, _ contents: Data) -> ModelFileError {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return .damaged("\(field(context.codingPath + [key])) is missing")
    case DecodingError.valueNotFound(_, let context):
      return .damaged("\(field(context.codingPath)) is null")
    case DecodingError.typeMismatch(let type, let context):
      return .damaged("\(field(context.codingPath)) is not \(name(of: type))")
    default:
      if isCutShort(contents) { return .damaged("the JSON ends before it is complete: the file is truncated") }
      // The decoder reports a number beyond its type in the same way.
      return .damaged("this is not valid JSON, or a number in it is out of range")
    }
  }

  /// Whether an object, list or string is still open at the end.
  private static func isCutShort(_ contents: Data) -> Bool {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in contents {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return isInString || depth > 0
  }

  /// A path in the file: `learner.gradient_booster.model.trees[3].left_children`.
  private static func field(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the file" }
    return path.reduce("") { text, key in
      if let index = key.intValue { return "\(text)[\(index)]" }
      return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "a number"
    case is [String: Any].Type: "an object"
    case is [Any].Type: "a list"
    default: "of the type expected"
    }
  }
}
