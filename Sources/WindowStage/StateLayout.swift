internal import Records

extension WindowPlan {
  /// Differs where a saved state would mean something else, in hexadecimal digits.
  package var stateLayout: String {
    var parts: [UInt64] = []
    if let plan = resolution == nil ? self : ofRows { parts.append(WindowLayout(plan).fingerprint) }
    if let resolution { parts.append(CellLayout(self, resolution: resolution).fingerprint) }
    return parts.map { String($0, radix: 16) }.joined(separator: "-")
  }
}
