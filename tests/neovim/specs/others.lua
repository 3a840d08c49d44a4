-- The other subcommands: examples, code from a plan, the whole file, the next candidate, status, log.
local TEXT = [[
def double(number):
    """Twice.

    >>> double(2)
    4
    >>> double(3)
    7
    """
    return 2 * number


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    # Plan:
    # 1. Use the built-in sum.
    ...


def half(number):
    """Half of it.

    >>> half(4)
    2
    """
    ...
]]

return {
  text = TEXT,
  rules = {
    { [[def half.*<\|plan\|>$]], { '\n1. Halve it.<|code|>' } },
    { [[Halve it\.<\|code\|>$]], { '\n    return number // 2<|end|>' } },
    { [[Use the built-in sum\.<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
    { [[Shift right\.<\|code\|>$]], { '\n    return number >> 1<|end|>' } },
  },
  run = function(t)
    t.client()

    -- examples
    t.go('def double')
    local result = t.command('Codeplan examples', 'runExamples')
    t.eq(result['function'], 'double')
    t.eq({ result.passed, result.total }, { 1, 2 })
    local found = t.wait(function()
      return vim.diagnostic.get(t.buffer)[1]
    end, 'diagnostic')
    t.eq(found.message, 'expected 7, got 6')
    t.eq(found.source, 'codeplan')
    t.eq(vim.api.nvim_buf_get_lines(t.buffer, found.lnum, found.lnum + 1, false)[1], '    >>> double(3)')
    result = t.command('Codeplan! examples', 'runExamples')
    t.eq(result['function'], nil)
    t.eq(result.total, 4)

    -- from-plan, with the plan in the comment and with selected lines
    t.go('def total')
    result = t.command('Codeplan from-plan', 'codeFromPlan')
    t.eq(result.plan, { 'Use the built-in sum.' })
    local after_total = TEXT:gsub('(sum%.\n)    %.%.%.\n', '%1    return sum(numbers)\n')
    t.eq(t.text(), after_total)
    t.wait(function()
      return #vim.diagnostic.get(t.buffer) == 0
    end, 'diagnostics cleared by the change')
    vim.api.nvim_buf_set_lines(t.buffer, -1, -1, false, { '# Plan:', '#  1. Shift right.' })
    local last = vim.api.nvim_buf_line_count(t.buffer)
    t.go('def half')
    local at = vim.api.nvim_win_get_cursor(0)
    vim.cmd(('%d,%dCodeplan from-plan'):format(last - 1, last))
    vim.api.nvim_win_set_cursor(0, at)
    result = t.end_of('codeFromPlan', 2).result
    t.eq(result['function'], 'half')
    t.eq(result.plan, { 'Shift right.' })
    t.has(t.text(), 'return number >> 1')
    vim.cmd('undo')
    vim.api.nvim_buf_set_lines(t.buffer, -3, -1, false, {})
    t.eq(t.text(), after_total)

    -- next, when the function is not as it was written
    t.go('def half')
    result = t.command('Codeplan next', 'nextCandidate')
    t.eq(result.outcome, 'error')
    t.told('was edited since')

    -- file
    result = t.command('Codeplan file', 'solveFile')
    t.eq({ result.written, result.total }, { 1, 1 })
    t.has(t.text(), '    return number // 2\n')

    -- status and log
    t.command('Codeplan status', 'status')
    t.told('codeplan-server ')
    t.told('answers.json (scripted), in memory')
    t.told('running: nothing')
    vim.cmd('Codeplan log')
    t.wait(function()
      return vim.api.nvim_buf_get_name(0):match('lsp%.log$')
    end, 'log')
    vim.cmd('tabclose')

    -- mappings
    t.go('def double')
    vim.keymap.set('n', '<F5>', '<Plug>(codeplan-examples)')
    local before = #t.done
    t.keys('<F5>')
    t.wait(function()
      return #t.done > before
    end, 'answer to the mapping')
    t.eq(t.done[#t.done].command, 'runExamples')
  end,
}
