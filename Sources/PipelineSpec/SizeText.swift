/// Sizes as a pipeline file spells them.
enum SizeText {
  private static let units: [(suffix: String, bytes: Int)] = [("KB", 1 << 10), ("MB", 1 << 20), ("B", 1)]

  /// Bytes of `64KB`, `1MB`...; nil for anything else.
  static func parse(_ text: String) -> Int? {
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Int(text.dropLast(suffix.count)), number >= 0 else { continue }
      let (amount, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : amount
    }
    return nil
  }
}
