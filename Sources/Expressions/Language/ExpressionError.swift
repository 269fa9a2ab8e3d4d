/// A mistake in the text of an expression: what is wrong, where, and what to do.
package struct ExpressionError: Error, Hashable, Sendable {
  /// Where it begins, in UTF-8 bytes from the start of the text.
  package let offset: Int
  /// Its bytes; 0 at the end of the text.
  package let length: Int
  package let message: String
  package let remedy: String
  /// Whether it only follows from a mistake elsewhere, which is told there.
  package let isConsequence: Bool

  init(_ message: String, at range: Range<Int>, remedy: String, isConsequence: Bool = false) {
    offset = range.lowerBound
    length = range.count
    self.message = message
    self.remedy = remedy
    self.isConsequence = isConsequence
  }
}
