/// A file of a checkpoint that is not what it has to be: which file, where in it, what is wrong.
package struct CheckpointDamage: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's path.
  package let file: String
  /// The byte at which it shows; nil where it is not one place.
  package let offset: Int?
  package let reason: String

  package init(_ file: String, at offset: Int? = nil, _ reason: String) {
    self.file = file
    self.offset = offset
    self.reason = reason
  }

  package var description: String {
    "\(file) is damaged\(offset.map { " at byte \($0)" } ?? ""): \(reason); "
      + "go back to an earlier checkpoint, or put back a copy of the file"
  }
}
