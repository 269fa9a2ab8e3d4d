internal import Foundation
package import Models

/// What a model file holds.
package struct LoadedModel: Sendable {
  package let model: ScoringModel
  /// The names of the inputs in the model's order; empty when the file has none.
  package let featureNames: [String]
}

/// Reads models that XGBoost saved as JSON.
package enum XGBoostJSON {
  private static let maxBytes = 100 << 20

  /// Reads the file, of 100 MiB at most. Any file yields a model that can be scored or an error that says what to do.
  package static func load(path: String) throws(ModelFileError) -> LoadedModel {
    try load(contents: try read(path))
  }

  /// Reads the contents of such a file.
  package static func load(bytes: [UInt8]) throws(ModelFileError) -> LoadedModel {
    try load(contents: Data(bytes))
  }

  private static func read(_ path: String) throws(ModelFileError) -> Data {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    do {
      let facts = try url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
      guard facts.isRegularFile == true else {
        throw ModelFileError(message: "this is not a regular file", remedy: "give the path of a model saved as .json")
      }
      guard facts.fileSize ?? 0 <= maxBytes else {
        throw ModelFileError(message: "the file is larger than 100 MiB", remedy: "train fewer or shallower trees")
      }
      return try Data(contentsOf: url)
    } catch let error as ModelFileError {
      throw error
    } catch {
      guard FileManager.default.fileExists(atPath: path) else {
        throw ModelFileError(message: "there is no such file", remedy: "check the path of the model")
      }
      throw ModelFileError(message: "the file cannot be read", remedy: "check its permissions")
    }
  }

  private static func load(contents: Data) throws(ModelFileError) -> LoadedModel {
    try checkBeginning(contents)
    let document: XGBoostDocument
    do {
      document = try JSONDecoder().decode(XGBoostDocument.self, from: contents)
    } catch {
      throw explain(error, contents)
    }
    return try XGBoostConversion(document.learner).load()
  }

  /// Tells the formats that are often taken for JSON by their first bytes.
  private static func checkBeginning(_ contents: Data) throws(ModelFileError) {
    let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    let text = contents.drop(while: isSpace)
    guard let first = text.first else { throw .damaged("the file is empty") }
    let second = text.dropFirst().drop(while: isSpace).first
    // A UBJSON object begins with a brace and the length of the first key; the old binary format with "binf" or no
    // text.
    let marks = Array("LliUIS$#".utf8)
    guard first == UInt8(ascii: "{"), second.map({ !marks.contains($0) }) ?? true else {
      let isBinary = first == UInt8(ascii: "{") || text.starts(with: "binf".utf8) || text.prefix(64).contains(0)
      throw ModelFileError(
        message: isBinary ? "this is a binary model (UBJ or older), not JSON" : "this is not a JSON model",
        remedy: "load it in XGBoost and save it as .json: Booster.save_model(\"model.json\")"
      )
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
