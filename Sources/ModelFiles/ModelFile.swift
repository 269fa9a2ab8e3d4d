internal import Foundation

/// Reads models that were trained elsewhere. What kind a file is of is told by its bytes, not by its name.
package enum ModelFile {
  private static let maxBytes = 100 << 20

  /// Reads the file, of 100 MiB at most. Any file yields a model that can be scored or an error that says what to do.
  package static func load(path: String) throws(ModelFileError) -> LoadedModel {
    try load(bytes: try read(path))
  }

  /// Reads the contents of such a file.
  package static func load(bytes: [UInt8]) throws(ModelFileError) -> LoadedModel {
    let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard let start = bytes.firstIndex(where: { !isSpace($0) }) else { throw .damaged("the file is empty") }
    let rest = bytes[start...]
    if LightGBMText.isBeginning(of: rest) { return try LightGBMText.load(rest) }
    // A UBJ object begins with a brace and the length of the first key.
    if bytes.count > 1, bytes[0] == UInt8(ascii: "{"), Array("LliUI".utf8).contains(bytes[1]) {
      return try XGBoostJSON.load(contents: Data(try UBJSON.json(bytes)))
    }
    guard bytes[start] == UInt8(ascii: "{") else {
      // XGBoost's old binary format begins with "binf" or no text.
      let isBinary = rest.starts(with: "binf".utf8) || rest.prefix(64).contains(0)
      throw ModelFileError(
        message: isBinary ? "this is a binary model of an old version of XGBoost" : "this is no model file",
        remedy: isBinary
          ? "load it in XGBoost and save it as .json: Booster.save_model(\"model.json\")"
          : "give a model of XGBoost (.json or .ubj) or LightGBM (.txt), or a logistic regression or scorecard as JSON"
      )
    }
    let contents = Data(rest)
    if let kind = (try? JSONDecoder().decode(Kind.self, from: contents))?.kind {
      return try PlainModelFile.load(kind, contents)
    }
    return try XGBoostJSON.load(contents: contents)
  }

  /// Of a model in our own JSON.
  private struct Kind: Decodable {
    var kind: String
  }

  private static func read(_ path: String) throws(ModelFileError) -> [UInt8] {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    do {
      let facts = try url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
      guard facts.isRegularFile == true else {
        throw ModelFileError(message: "this is not a regular file", remedy: "give the path of a model that was saved")
      }
      guard facts.fileSize ?? 0 <= maxBytes else {
        throw ModelFileError(message: "the file is larger than 100 MiB", remedy: "train fewer or shallower trees")
      }
      return [UInt8](try Data(contentsOf: url))
    } catch let error as ModelFileError {
      throw error
    } catch {
      guard FileManager.default.fileExists(atPath: path) else {
        throw ModelFileError(message: "there is no such file", remedy: "check the path of the model")
      }
      throw ModelFileError(message: "the file cannot be read", remedy: "check its permissions")
    }
  }
}
