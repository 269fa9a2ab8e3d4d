/// A window feature as a pipeline file writes it, before names and types are looked at.
///
///     feature  = call { clause } [ "where" expression ] [ "else" NUMBER ]
///     call     = NAME [ "(" expression { "," expression } [ "," "exact" INTEGER ] ")" ]
///              | "sequence" "(" step { "then" step } ")"
///     step     = [ INTEGER "times" ] expression
///     clause   = "over" DURATION | "over" "last" INTEGER "rows" | "half_life" DURATION | "delayed" DURATION
///              | "resolution" DURATION
///              | ( "excluding" | "including" ) "this" "row" | "excluding" "ties" | "left" ( "closed" | "open" )
///
/// Clauses come in any order, each once; `where` reads up to `else` or the end. The words of clauses are no keywords
/// elsewhere: a column may be called `last`.
package struct AggregateSyntax: Equatable, Sendable {
  package var function: Placed<AggregateFunction>
  /// What the function reads: values, or the conditions of a sequence.
  package var arguments: [Syntax] = []
  /// How often each condition of a sequence is to hold, in its order.
  package var times: [Placed<Int>] = []
  /// Of `quantile`, as it was written.
  package var fraction: Placed<String>?
  /// Of `distinct`: up to how many values it is exact.
  package var exact: Placed<Int>?
  package var over: Placed<Extent>?
  /// Microseconds.
  package var halfLife: Placed<Int64>?
  /// Microseconds.
  package var delay: Placed<Int64>?
  /// Microseconds.
  package var resolution: Placed<Int64>?
  package var newest: Placed<Newest>?
  package var left: Placed<LeftEdge>?
  package var condition: Syntax?
  /// What stands behind `else`.
  package var otherwise: Placed<String>?

  /// How far a window reaches.
  package enum Extent: Hashable, Sendable {
    /// Microseconds.
    case time(Int64)
    case rows(Int)
  }

  /// The newest row that a window may hold.
  package enum Newest: String, CaseIterable, Hashable, Sendable {
    case thisRow = "including this row"
    case rowBefore = "excluding this row"
    case timeBefore = "excluding ties"
  }

  /// Whether a row of exactly the window's age is in it.
  package enum LeftEdge: String, CaseIterable, Hashable, Sendable {
    case open = "left open"
    case closed = "left closed"
  }

  init(function: Placed<AggregateFunction>) { self.function = function }

  package init(_ function: AggregateFunction) { self.init(function: Placed(function)) }
}

/// Something and the bytes that it was written in, which do not count where two are compared.
package struct Placed<Value: Equatable & Sendable>: Equatable, Sendable {
  package var value: Value
  package var range: Range<Int>

  package init(_ value: Value, at range: Range<Int> = 0..<0) {
    self.value = value
    self.range = range
  }

  package static func == (left: Placed, right: Placed) -> Bool { left.value == right.value }
}
