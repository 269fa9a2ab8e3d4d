package import Records

extension ScorePlan.Model {
  /// The number that the model reads where an input's column has a value: the same that it reads of a batch.
  ///
  /// - Parameters:
  ///   - text: as a sink writes the value; nil: null.
  ///   - input: among the model's inputs.
  ///   - type: of the column.
  /// - Returns: NaN, as for a missing value, where the text is none of the type.
  package func number(_ text: String?, ofInput input: Int, _ type: ColumnType) -> Double {
    guard let text else { return .nan }
    let codes = categories.isEmpty ? nil : categories[input]
    switch type {
    case .int64:
      guard let number = Int64(text) else { return .nan }
      return codes?.code(number) ?? Double(number)
    case .string: return codes?.code(Array(text.utf8).span) ?? .nan
    case .float64: return Double(text) ?? .nan
    case .bool: return text == "true" ? 1 : text == "false" ? 0 : .nan
    case .decimal(let scale):
      guard let number = DecimalText.parse(Array(text.utf8).span, scale: scale) else { return .nan }
      return Double(number) / Double(DecimalText.powerOfTen(scale))
    case .timestamp: return .nan
    }
  }
}
