/// A model file that cannot be used.
package struct ModelFileError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, by the name of the field in the file; the file itself is not named, for the caller knows its path.
  package let message: String
  /// What to do about it.
  package let remedy: String

  package var description: String { "\(message); \(remedy)" }

  /// Something that XGBoost would not have written.
  static func damaged(_ message: String, save file: String = "model.json") -> ModelFileError {
    ModelFileError(message: message, remedy: "save the model again with Booster.save_model(\"\(file)\")")
  }
}
