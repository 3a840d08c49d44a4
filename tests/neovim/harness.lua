-- Runs one spec in this Neovim and ends it: status 0 when the spec passed, 1 when it failed.
local t = { done = {}, progress = {}, messages = {} }

local SECONDS = 90

--- Fail unless two values are the same all the way down.
function t.eq(got, want, what)
  if not vim.deep_equal(got, want) then
    error(('%s: got %s, want %s'):format(what or 'not equal', vim.inspect(got), vim.inspect(want)), 2)
  end
end

function t.ok(value, what)
  if not value then
    error(what or 'not true', 2)
  end
  return value
end

--- Fail unless a text holds another, literally.
function t.has(text, part)
  if not tostring(text):find(part, 1, true) then
    error(('%s is not in %s'):format(vim.inspect(part), vim.inspect(text)), 2)
  end
end

--- Wait until `condition()` is true and return its value.
function t.wait(condition, what, seconds)
  local value
  local typing = t.typing
  if typing and coroutine.running() == typing then
    -- Neovim takes typed keys only while nothing waits inside it.
    local began = vim.loop.now()
    value = condition()
    while not value and vim.loop.now() - began < (seconds or SECONDS) * 1000 do
      vim.defer_fn(function()
        t.resume(typing)
      end, 10)
      coroutine.yield()
      value = condition()
    end
  else
    vim.wait((seconds or SECONDS) * 1000, function()
      value = condition()
      return value and true or false
    end, 10)
  end
  if not value then
    error(('no %s in %d s; messages: %s'):format(what, seconds or SECONDS, vim.inspect(t.messages)), 2)
  end
  return value
end

--- The client, once its server is ready.
function t.client()
  return t.wait(function()
    return require('codeplan.client').of_buffer(0)
  end, 'server')
end

--- What the server answers to a command that the plugin does not send.
function t.ask(client, command)
  local answer
  require('codeplan.client').send(client, 'workspace/executeCommand', { command = command }, function(err, result)
    answer = err or result
  end)
  return t.wait(function()
    return answer
  end, 'answer to ' .. command)
end

function t.text()
  return table.concat(vim.api.nvim_buf_get_lines(t.buffer, 0, -1, false), '\n') .. '\n'
end

--- The titles of the code lenses.
function t.lenses()
  local get = vim.lsp.codelens.get
  -- Neovim 0.12 gives each beside its client.
  local found = vim.lsp.codelens.enable and get({ bufnr = t.buffer }) or get(t.buffer)
  return vim.tbl_map(function(one)
    return (one.lens or one).command.title
  end, found)
end

--- Put the cursor on the first line that holds a text.
function t.go(part)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(t.buffer, 0, -1, false)) do
    if line:find(part, 1, true) then
      return vim.api.nvim_win_set_cursor(0, { number, 0 })
    end
  end
  error('no line holds ' .. part, 2)
end

--- Press keys as a user does.
function t.keys(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), 'mtx', false)
end

--- The data of the `count`th end of a command, waited for.
function t.end_of(command, count)
  return t.wait(function()
    local ends = vim.tbl_filter(function(data)
      return data.command == command
    end, t.done)
    return ends[count or 1]
  end, 'end of ' .. command)
end

--- Do a :Codeplan command and wait for its answer.
function t.command(line, command)
  local before = #vim.tbl_filter(function(data)
    return data.command == command
  end, t.done)
  vim.cmd(line)
  local data = t.end_of(command, before + 1)
  return t.ok(data.result, data.message)
end

--- Wait for a message to the user that holds a text.
function t.told(part, seconds)
  return t.wait(function()
    for _, message in ipairs(t.messages) do
      if message:find(part, 1, true) then
        return message
      end
    end
  end, 'message with ' .. part, seconds)
end

--- Let vim.ui.select choose by itself: number, function(labels, options) that gives the number, or
--- nil for nothing.
function t.choose(choice)
  t.asked = {}
  vim.ui.select = function(items, options, on_choice)
    local labels = vim.tbl_map(options.format_item or tostring, items)
    t.asked[#t.asked + 1] = { labels = labels, prompt = options.prompt }
    local number = type(choice) == 'function' and choice(labels, options) or choice
    on_choice(number and items[number], number)
  end
end

local function listen()
  vim.api.nvim_create_autocmd('User', {
    pattern = 'CodeplanDone',
    callback = function(args)
      t.done[#t.done + 1] = args.data
    end,
  })
  if vim.fn.exists('##LspProgress') == 1 then
    vim.api.nvim_create_autocmd('LspProgress', {
      callback = function(args)
        t.progress[#t.progress + 1] = args.data.params.value
      end,
    })
  end
  vim.notify = function(message)
    t.messages[#t.messages + 1] = message
  end
  -- Where the plugin's own handler is not in force (spec.alone).
  vim.lsp.handlers['window/showMessage'] = function(_, params)
    t.messages[#t.messages + 1] = params.message
    return vim.NIL
  end
end

--- The server's process and all below it, for whoever looks whether they are gone.
local function note_processes(folder)
  local pids = {}
  local function add(pid)
    pids[#pids + 1] = tostring(pid)
    for _, child in ipairs(vim.api.nvim_get_proc_children(pid)) do
      add(child)
    end
  end
  for _, child in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    add(child)
  end
  vim.fn.writefile(pids, folder .. '/processes')
end

--- End this Neovim with the status that the spec deserves.
local function finish(passed, trace)
  if passed then
    vim.cmd('qall!')
  end
  io.stderr:write('\n' .. trace .. '\nmessages: ' .. vim.inspect(t.messages) .. '\n')
  vim.cmd('cquit 1')
end

--- Go on with a spec that types.
function t.resume(typing)
  local passed, problem = coroutine.resume(typing)
  if not passed then
    finish(false, debug.traceback(typing, problem))
  elseif coroutine.status(typing) == 'dead' then
    finish(true)
  end
end

function t.run(spec, folder)
  t.folder = folder
  local function all()
    listen()
    if spec.text then
      vim.fn.writefile(vim.split(vim.trim(spec.text), '\n'), folder .. '/cart.py')
      vim.cmd('edit ' .. folder .. '/cart.py')
    end
    t.buffer = vim.api.nvim_get_current_buf()
    spec.run(t)
    note_processes(folder)
  end
  if spec.types then
    t.typing = coroutine.create(all)
    t.resume(t.typing)
  else
    finish(xpcall(all, debug.traceback))
  end
end

return t
