/// Chooses the reasons of a row by what each input contributes to its score; used again from row to row.
package struct ReasonChooser: Sendable {
  private let plan: ModelReasons
  /// What the inputs of each reason contribute together.
  private var sums: [Double]
  /// The reasons of the row, the most important first.
  private var chosen: [Int] = []
  private let raises: [[UInt8]]
  private let lowers: [[UInt8]?]

  package init(_ plan: ModelReasons) {
    self.plan = plan
    sums = Array(repeating: 0, count: plan.reasons.count)
    chosen.reserveCapacity(plan.most + 1)
    raises = plan.reasons.map { Array($0.raises.utf8) }
    lowers = plan.reasons.map { $0.lowers.map { Array($0.utf8) } }
  }

  /// Whether approved rows have reasons too.
  package var isForAllRows: Bool { plan.ofAllRows }

  /// Appends the reasons of a row to those that are listed already.
  ///
  /// - Parameter contributions: of each input of the model.
  package mutating func append(to list: inout [UInt8], _ contributions: Span<Double>) {
    for reason in sums.indices { sums[reason] = 0 }
    // In the order of the inputs, so that the bits of a sum depend on nothing else.
    for (input, reason) in plan.reasonOfInput.enumerated() { sums[reason] += contributions[input] }
    choose()
    for reason in chosen {
      if !list.isEmpty { list.append(UInt8(ascii: ";")) }
      if sums[reason] > 0 { list += raises[reason] } else if let text = lowers[reason] { list += text }
    }
  }

  /// By how much they contribute; of equal ones the first comes first.
  private mutating func choose() {
    chosen.removeAll(keepingCapacity: true)
    for (reason, sum) in sums.enumerated() {
      guard abs(sum) >= plan.least, sum > 0 || lowers[reason] != nil else { continue }
      var place = chosen.count
      while place > 0, abs(sums[chosen[place - 1]]) < abs(sum) { place -= 1 }
      guard place < plan.most else { continue }
      chosen.insert(reason, at: place)
      if chosen.count > plan.most { chosen.removeLast() }
    }
  }
}
