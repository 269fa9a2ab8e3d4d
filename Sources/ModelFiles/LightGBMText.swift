internal import Foundation

/// LightGBM's text format, versions 2 to 4: `key=value` lines, of the model first, then of each tree.
struct LightGBMText {
  /// Of the model; a key without a value has an empty one.
  let header: [Substring: Substring]
  /// Of each tree.
  let trees: [[Substring: Substring]]
  /// The values of the categories of the categorical columns of the pandas frame that the model was trained on.
  let pandasCategories: [LoadedModel.Categories]
  /// What the training was told of categorical features: their numbers.
  let categoricalFeatures: [Int]

  static func isBeginning(of bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: "tree\n".utf8) || bytes.starts(with: "tree\r\n".utf8)
  }

  static func load(_ bytes: ArraySlice<UInt8>) throws(ModelFileError) -> LoadedModel {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .unsound("the file is not UTF-8 text") }
    return try LightGBMConversion(try LightGBMText(text)).load()
  }

  init(_ text: String) throws(ModelFileError) {
    var header: [Substring: Substring] = [:]
    var trees: [[Substring: Substring]] = []
    guard text.contains("end of trees") else {
      throw .unsound("the file ends before \"end of trees\": it is truncated")
    }
    var isComplete = false
    var pandas: [LoadedModel.Categories] = []
    var categorical: [Int] = []
    for line in text.split(whereSeparator: \.isNewline) {
      if line == "end of trees" {
        isComplete = true
      } else if isComplete {
        if let list = Self.after("pandas_categorical:", line) { pandas = Self.pandas(list) }
        if let list = Self.after("[categorical_feature: ", line) {
          categorical = list.dropLast().split(separator: ",").compactMap { Int($0) }
        }
      } else {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let (key, value) = (parts[0], parts.count > 1 ? parts[1] : "")
        if key == "Tree", parts.count > 1 {
          guard value == "\(trees.count)" else {
            throw .unsound("the tree after \(trees.count) others is number \(value)")
          }
          trees.append([:])
        } else if trees.isEmpty {
          header[key] = value
        } else {
          trees[trees.count - 1][key] = value
        }
      }
    }
    self.header = header
    self.trees = trees
    pandasCategories = pandas
    categoricalFeatures = categorical
  }

  private static func after(_ prefix: String, _ line: Substring) -> Substring? {
    line.hasPrefix(prefix) ? line.dropFirst(prefix.count) : nil
  }

  /// A list of lists; `null` where there is none. What is neither text nor whole numbers has no names.
  private static func pandas(_ json: Substring) -> [LoadedModel.Categories] {
    let decoder = JSONDecoder()
    guard let lists = try? decoder.decode([Values].self, from: Data(json.utf8)) else { return [] }
    return lists.map(\.meaning)
  }

  private struct Values: Decodable {
    let meaning: LoadedModel.Categories

    init(from decoder: any Decoder) throws {
      let list = try decoder.singleValueContainer()
      if let numbers = try? list.decode([Int64].self) {
        meaning = .integers(numbers)
      } else if let texts = try? list.decode([String].self) {
        meaning = .texts(texts)
      } else {
        meaning = .numbered
      }
    }
  }
}

extension ModelFileError {
  /// Something that LightGBM would not have written.
  static func unsound(_ message: String) -> ModelFileError {
    ModelFileError(message: message, remedy: "save the model again with Booster.save_model(\"model.txt\")")
  }
}
