import Expressions
import Records
import TestSupport
import WindowStage

/// The windows by their definition: for each row, every earlier row of its key is looked at again. Slow and obviously right;
/// the judge of the window stage.
struct NaiveWindows {
  let plan: WindowPlan
  private var seen: [Row] = []

  init(_ plan: WindowPlan) { self.plan = plan }

  /// The row with its features, after all rows before it.
  mutating func process(_ row: Row) -> Row {
    seen.append(row)
    var result = row
    for aggregate in plan.aggregates {
      guard case .age(let newer) = aggregate.newer, case .age(let older) = aggregate.older else { continue }
      let members = seen.filter {
        $0.values[plan.key] == row.values[plan.key] && $0.time > row.time - older && $0.time <= row.time - newer
      }
      result.values.append(value(of: aggregate, members))
    }
    return result
  }

  private func value(of aggregate: WindowAggregate, _ members: [Row]) -> Value {
    guard let column = aggregate.inputs.first.flatMap({ plan.inputs[$0].column }) else {
      return .int(Int64(members.count))
    }
    let numbers: [Int64] = members.compactMap {
      switch $0.values[column] {
      case .int(let value): value
      case .bool(let value): value ? 1 : 0
      default: nil
      }
    }
    if numbers.isEmpty {
      return switch aggregate.otherwise {
      case .integer(let value)?: .int(value)
      case .float(let value)?: .float(value)
      case nil: .null
      }
    }
    let sum = numbers.reduce(Int128(0)) { $0 + Int128($1) }
    if aggregate.function == .sum { return Int64(exactly: sum).map { .int($0) } ?? .null }
    var unit: Int64 = 1
    if case .decimal(let scale) = plan.inputSchema.fields[column].type { unit = DecimalText.powerOfTen(scale) }
    return .float(Double(sum) / Double(Int64(numbers.count) * unit))
  }
}
