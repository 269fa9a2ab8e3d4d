/// A simulated payment from one account to another.
package struct Transfer: Hashable, Sendable {
  /// Seconds since the start.
  package let time: Int64
  package let sender: Int32
  package let receiver: Int32
  package let cents: Int64
  /// What it is in a chain of mules; nil: it is in none.
  package let part: Part?

  package enum Part: Hashable, Sendable {
    /// From somebody who was cheated to a mule.
    case loss
    /// From a mule to another.
    case layer
    /// From a mule to whoever hired it.
    case collection
  }
}
