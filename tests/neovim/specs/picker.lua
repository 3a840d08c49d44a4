-- :Codeplan plans: the second plan is chosen, looked at, and its code is inserted.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...
]]
local LOOP = '    result = 0\n    for n in numbers:\n        result += n\n    return result\n'

return {
  text = TEXT,
  rules = {
    {
      [[<\|plan\|>$]],
      { '\n1. Give zero.<|code|>', '\n1. Use sum.<|code|>', '\n1. Go over them.\n2. Add up.<|code|>' },
    },
    { [[Use sum\.<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
    { [[Add up\.<\|code\|>$]], { '\n' .. LOOP:sub(1, -2) .. '<|end|>' } },
    { [[Give zero\.<\|code\|>$]], { '\n    return 0<|end|>' } },
  },
  run = function(t)
    t.client()
    t.go('def total')
    t.choose(2)
    local second
    local shown = t.command('Codeplan plans', 'showPlans')
    second = shown.plans[2]

    t.eq(#t.asked, 1)
    t.eq(t.asked[1].prompt, 'Plans for total')
    t.eq(#t.asked[1].labels, 3)
    t.ok(t.asked[1].labels[3]:match('^%[passed .*1 of 2 of your examples%] Give zero%.$'), t.asked[1].labels[3])
    t.eq(t.text(), TEXT, 'nothing is edited by looking')
    local window = vim.api.nvim_get_current_win()
    t.eq(vim.api.nvim_win_get_config(window).relative, 'editor', 'a floating window has the focus')
    local preview = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    t.has(preview, '# Plan 2 of 3: passed 2 of 2 of your examples')
    t.has(preview, '1. ' .. second.steps[1])
    local new = second.code:gsub('^', '+'):gsub('\n', '\n+')
    t.has(preview, '```diff\n@@ ')
    t.has(preview, '\n-    ...\n' .. new .. '\n```')
    t.keys('<Tab>')
    t.has(vim.api.nvim_buf_get_lines(0, 0, 1, false)[1], '# Plan 3 of 3: passed ')
    t.keys('<S-Tab>')
    t.keys('<CR>')

    t.eq(#vim.api.nvim_list_wins(), 1, 'windows after the choice')
    local result = t.end_of('codeFromPlan').result
    t.eq(result.plan, second.steps)
    t.eq(result.applied, true)
    local bodies = { ['Use sum.'] = '    return sum(numbers)\n', ['Go over them.'] = LOOP }
    t.eq(t.text(), (TEXT:gsub('    %.%.%.\n', bodies[second.steps[1]])))
    vim.cmd('undo')
    t.eq(t.text(), TEXT, 'after one undo')

    t.choose(1)
    t.command('Codeplan plans', 'showPlans')
    t.keys('q')
    t.eq(#vim.api.nvim_list_wins(), 1, 'windows after q')
    t.eq(t.text(), TEXT, 'closing the preview changes nothing')

    -- From Lua: whoever asked is told when no plan is chosen.
    t.choose(nil)
    local told
    require('codeplan').plans({
      on_done = function(...)
        told = { ... }
      end,
    })
    t.wait(function()
      return told
    end, 'answer to plans()')
    t.eq(told[1], nil)
    t.eq(told[2], 'no plan was chosen')

    -- Typed meanwhile: there is no diff of another text, but the code is shown.
    local lines = require('codeplan.picker').lines(second, 2, 3)
    t.has(table.concat(lines, '\n'), '```diff\n')
    vim.api.nvim_buf_set_lines(t.buffer, 0, 0, false, { '# typed' })
    second.diff = nil
    require('codeplan.diff').add(t.buffer, shown, 'utf-16')
    t.eq(second.diff, nil)
    lines = require('codeplan.picker').lines(second, 2, 3)
    t.has(table.concat(lines, '\n'), '```python\n' .. second.code .. '\n```')
  end,
}
