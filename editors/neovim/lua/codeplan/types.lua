---@meta
-- What goes between the plugin and the server, for lua-language-server. Never loaded.

---@class codeplan.Options
---@field bufnr integer|nil The current buffer when left out.
---@field position {line: integer, character: integer}|nil The cursor's when left out.
---@field plan string[]|nil Steps, for `from_plan`.
---@field on_done fun(result: table|nil, message: string|nil)|nil Called once with the server's
---answer, or with nil and the reason why there is none.

---@alias codeplan.Outcome "passed"|"failed"|"timed_out"|"crashed"|"untested"|"no_candidate"|"cancelled"|"error"

--- The value of planThenCode, codeFromPlan, nextCandidate and repair.
---@class codeplan.Result
---@field function string
---@field outcome codeplan.Outcome
---@field message string
---@field applied boolean Whether the buffer was changed.
---@field passed integer|nil Examples passed.
---@field total integer|nil Examples there are.
---@field code string|nil
---@field plan string[]|nil The steps that the code was written from.
---@field plans codeplan.Plan[]|nil Of showPlans.
---@field version integer|nil Of showPlans: the version of the text that the plans' edits are for.
---@field rounds integer|nil Of repair: how often failing examples were given back to the model.
---@field before {outcome: codeplan.Outcome, passed: integer, total: integer, detail: string}|nil Of repair.

--- A plan with its record on the examples.
---@class codeplan.Plan
---@field steps string[]
---@field outcome codeplan.Outcome
---@field passed integer
---@field total integer
---@field verdict string The record in words.
---@field detail string What went wrong.
---@field code string The best code that was written from it.
---@field edits lsp.TextEdit[]|nil What would put that code into the text.
---@field diff string|nil Added by the picker: the edits as a unified diff.

--- The value of codeplan.status.
---@class codeplan.Status
---@field version string
---@field process integer
---@field sandbox string
---@field backend {kind: string, model: string, open: boolean}
---@field settingsProblems string[]
---@field works {number: integer, command: string, function: string, seconds: number}[]
---@field logFile string|nil
